//! The retry policy without a network: what is retried, how long a retry waits, and what a call ends with.

use std::sync::{Arc, atomic::AtomicBool};

use tw_plugin_protocol::Header;

use super::*;

type Attempt = Result<(HttpResponse, ()), Broken>;

const RETRY: Decision = Decision::Retry { asked: None };

fn request(method: &str) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        url: "/pets".to_owned(),
        ..Default::default()
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Attempt {
    let headers = headers.iter().map(|(name, value)| Header {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    });
    let response = HttpResponse {
        status,
        headers: headers.collect(),
        ..Default::default()
    };
    Ok((response, ()))
}

fn broken(how: How) -> Attempt {
    let error = Error::new(ErrorKind::Network, "the connection broke");
    Err(Broken { error, how })
}

/// Returns the seconds that these headers ask to wait.
fn read_wait(headers: &[(&str, &str)]) -> Option<u64> {
    match decide(&request("GET"), &answer(429, headers)) {
        Decision::Retry { asked } => asked.map(|wait| wait.as_secs()),
        Decision::Stop => panic!("a 429 is always retried"),
    }
}

#[test]
fn the_retry_window_begins_again_with_progress_and_ends_with_the_deadline() {
    let begin = Instant::now();
    let progress = begin + RETRY_WINDOW * 5;
    let deadline = begin + RETRY_WINDOW * 3;
    assert_eq!(last_start(begin, None, None), begin + RETRY_WINDOW);
    assert_eq!(
        last_start(begin, Some(progress), None),
        progress + RETRY_WINDOW
    );
    assert_eq!(last_start(begin, Some(progress), Some(deadline)), deadline);
}

/// Runs attempts that are all sent, and returns what the call ends with.
fn end(method: &str, attempts: impl IntoIterator<Item = Attempt>) -> Result<HttpResponse, Error> {
    let (request, course) = (
        request(method),
        Course::new(&Arc::new(AtomicBool::new(true))),
    );
    let mut last = broken(How::Final);
    for attempt in attempts {
        course.start_attempt();
        course.mark_in_flight();
        course.finish_attempt(&attempt);
        last = attempt;
    }
    conclude(&request, &course, last).map(|(response, ())| response)
}

#[test]
fn digits_in_retry_after_are_seconds() {
    for (text, seconds) in [("0", 0), (" 7 ", 7), ("99999999999999999999999", u64::MAX)] {
        assert_eq!(read_wait(&[("retry-after", text)]), Some(seconds));
    }
}

#[test]
fn a_date_in_retry_after_is_compared_with_the_servers_clock() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    for (text, seconds) in [
        ("Sun, 06 Nov 1994 08:49:57 GMT", 20),
        ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:49:39 1994", 2),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ] {
        assert_eq!(read_wait(&[date, ("retry-after", text)]), Some(seconds));
    }
}

#[test]
fn a_date_in_retry_after_is_compared_with_our_clock_if_the_server_sends_none() {
    let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
    let wait = read_wait(&[("retry-after", &soon)]);
    assert!(
        wait.is_some_and(|wait| (28..=30).contains(&wait)),
        "{wait:?}"
    );
}

#[test]
fn a_retry_after_that_is_neither_seconds_nor_a_date_is_ignored() {
    for text in ["", "soon", "-1", "1.5", "Sun, 99 Nov 1994"] {
        assert_eq!(read_wait(&[("retry-after", text)]), None, "{text}");
    }
}

#[test]
fn the_backoff_doubles_and_ends_after_the_last_retry() {
    let waits: Vec<u128> = backoff(3).map(|wait| wait.as_millis()).collect();
    assert_eq!(waits.len(), 3);
    for (at, wait) in waits.iter().enumerate() {
        let least = 100 << at;
        assert!((least..=2 * least).contains(wait), "{waits:?}");
    }
    assert_eq!(backoff(0).count(), 0);
}

#[test]
fn a_server_can_ask_for_a_minute_at_most() {
    let backoff = Duration::from_millis(100);
    assert_eq!(add_backoff(backoff, None), Some(backoff));
    assert_eq!(
        add_backoff(backoff, Some(Duration::from_secs(60))),
        Some(Duration::from_millis(60_100))
    );
    assert_eq!(add_backoff(backoff, Some(Duration::from_secs(61))), None);
    assert_eq!(add_backoff(backoff, Some(Duration::MAX)), None);
}

#[test]
fn every_call_is_retried_if_nothing_was_done_and_idempotent_calls_if_it_is_uncertain() {
    for (method, is_idempotent) in [
        ("GET", true),
        ("PUT", true),
        ("DELETE", true),
        ("POST", false),
        ("PATCH", false),
    ] {
        let request = request(method);
        let if_idempotent = if is_idempotent { RETRY } else { Decision::Stop };
        assert_eq!(decide(&request, &answer(429, &[])), RETRY);
        assert_eq!(decide(&request, &broken(How::Unsent)), RETRY);
        assert_eq!(decide(&request, &broken(How::Lost)), if_idempotent);
        assert_eq!(decide(&request, &broken(How::Final)), Decision::Stop);
        for status in [502, 503, 504] {
            assert_eq!(decide(&request, &answer(status, &[])), if_idempotent);
        }
        for status in [200, 400, 404, 428, 430, 500, 501, 505] {
            assert_eq!(decide(&request, &answer(status, &[])), Decision::Stop);
        }
    }
}

#[test]
fn a_plugin_can_declare_a_request_idempotent_or_not() {
    for (method, repeatable, decision) in [("POST", true, RETRY), ("GET", false, Decision::Stop)] {
        let request = HttpRequest {
            repeatable: Some(repeatable),
            ..request(method)
        };
        assert_eq!(decide(&request, &broken(How::Lost)), decision);
    }
}

#[test]
fn a_call_that_succeeds_in_the_end_reports_its_attempts() {
    let attempts = [broken(How::Lost), answer(503, &[]), answer(204, &[])];
    let response = end("PUT", attempts).unwrap();
    assert_eq!((response.status, response.attempts), (204, 3));
}

#[test]
fn a_change_whose_answer_was_lost_is_uncertain_unless_a_retry_succeeds() {
    for status in [300, 401, 404, 429, 500, 502, 503, 504] {
        let error = end("PUT", [broken(How::Lost), answer(status, &[])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
        assert_eq!(
            error.message(),
            format!(
                "PUT /pets was sent, and its outcome is unknown: its answer was lost, and the retry was answered with status {status}"
            )
        );
    }
    for status in [200, 299] {
        assert!(end("PUT", [broken(How::Lost), answer(status, &[])]).is_ok());
    }
}

#[test]
fn a_change_that_a_gateway_answered_is_uncertain_if_the_retry_is_refused() {
    let error = end("PUT", [answer(502, &[]), answer(401, &[])]).unwrap_err();
    assert_eq!(
        error.message(),
        "PUT /pets was sent, and its outcome is unknown: a gateway in front of the API answered, and the retry was answered with status 401"
    );
    // The plugin sees the status of a gateway itself.
    let response = end("PUT", [answer(502, &[]), answer(503, &[])]).unwrap();
    assert_eq!(response.status, 503);
}

#[test]
fn a_read_is_never_uncertain() {
    for method in ["GET", "HEAD", ""] {
        let response = end(method, [broken(How::Lost), answer(401, &[])]).unwrap();
        assert_eq!(response.status, 401);
        let error = end(method, [broken(How::Lost), broken(How::Unsent)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
    }
}

#[test]
fn a_change_is_uncertain_if_an_answer_was_lost_and_the_last_attempt_failed() {
    let error = end("PUT", [broken(How::Lost), broken(How::Lost)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(
        error.message(),
        "PUT /pets was sent, and its outcome is unknown: the connection broke"
    );
    let error = end("PUT", [answer(503, &[]), broken(How::Final)]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
}

#[test]
fn a_delete_that_finds_nothing_after_a_lost_answer_succeeds() {
    let response = end("DELETE", [broken(How::Lost), answer(404, &[])]).unwrap();
    assert_eq!(response.status, 404);
    assert!(end("DELETE", [broken(How::Lost), answer(401, &[])]).is_err());
}
