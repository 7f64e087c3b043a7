//! The course of one call, which is all its attempts: a state machine that knows whether the API may have carried out the call.
//!
//! ```text
//!                    mark_in_flight                 finish_attempt
//! Idle(Past::Unsent) ─────────────▶ InFlight(past) ───────────────▶ Idle(past or worse)
//!                                     │      ▲                        │
//!                        mark_unsent  ▼      │  mark_in_flight        │  retry
//!                                   Idle(past) ◀──────────────────────┘
//! ```

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tw_plugin_protocol::{HttpRequest, HttpResponse};

use super::failure::{Broken, How};

/// The number of attempts of a call, and the state of the call.
pub(super) struct Course {
    attempts: Cell<u32>,
    state: Cell<State>,
    /// True if a part of the body was sent that can't be sent again.
    is_final: Cell<bool>,
    /// When bytes arrived that a retry need not request again. `None` if there are none.
    progress: Cell<Option<Instant>>,
    /// True if this run ever had a connection, for this call or another. Without one, no request can have left.
    connected: Arc<AtomicBool>,
}

/// The phase of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No attempt is in flight: the call waits for its first attempt or a retry, or has ended.
    Idle(Past),
    /// The HTTP client has the request, and sends it as soon as there is a connection.
    InFlight(Past),
}

/// The knowledge from the attempts that ended. The variants are ordered by doubt: a later attempt can raise the doubt, but never lowers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Past {
    /// No attempt was sent.
    Unsent,
    /// The server answered every attempt that was sent.
    Answered,
    /// A gateway in front of the API answered an attempt with 502, 503 or 504. The API may have carried the attempt out.
    AnsweredByGateway,
    /// An attempt was sent and got no complete answer. The API may have carried the attempt out.
    Lost,
}

impl Course {
    pub(super) fn new(connected: &Arc<AtomicBool>) -> Self {
        Self {
            attempts: Cell::new(0),
            state: Cell::new(State::Idle(Past::Unsent)),
            is_final: Cell::default(),
            progress: Cell::default(),
            connected: Arc::clone(connected),
        }
    }

    /// Returns the number of attempts, including the present one.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts.get()
    }

    /// Returns when bytes arrived that a retry need not request again. `None` if there are none.
    pub(super) fn progress(&self) -> Option<Instant> {
        self.progress.get()
    }

    pub(super) fn mark_progress(&self) {
        self.progress.set(Some(Instant::now()));
    }

    /// True if no further attempt may follow.
    pub(super) fn is_final(&self) -> bool {
        self.is_final.get()
    }

    /// Records that the body can't be sent again.
    pub(super) fn forbid_retries(&self) {
        self.is_final.set(true);
    }

    pub(super) fn start_attempt(&self) {
        self.attempts.set(self.attempts.get() + 1);
    }

    /// Records that the HTTP client takes over the request.
    pub(super) fn mark_in_flight(&self) {
        self.state.set(State::InFlight(self.past()));
    }

    /// Records that the request in flight never left this machine, or that the server did not process it.
    pub(super) fn mark_unsent(&self) {
        self.state.set(State::Idle(self.past()));
    }

    pub(super) fn finish_attempt<B>(&self, attempt: &Result<(HttpResponse, B), Broken>) {
        let State::InFlight(past) = self.state.get() else {
            return;
        };
        let outcome = match attempt {
            Ok((response, _)) if matches!(response.status, 502..=504) => Past::AnsweredByGateway,
            Err(broken) if broken.how == How::Lost => Past::Lost,
            // An answer that the host refuses, such as a redirect to plain http, is an answer as well.
            Ok(_) | Err(_) => Past::Answered,
        };
        self.state.set(State::Idle(past.max(outcome)));
    }

    /// True if nothing of the call was ever sent.
    pub(super) fn is_unsent(&self) -> bool {
        self.past() == Past::Unsent && !self.is_leaving()
    }

    /// True if the API may have carried out an attempt that it never answered.
    pub(super) fn may_be_carried_out(&self) -> bool {
        self.is_leaving() || self.is_doubtful()
    }

    /// True if a finished attempt may have been carried out: its answer was lost, or came from a gateway.
    pub(super) fn is_doubtful(&self) -> bool {
        self.past() >= Past::AnsweredByGateway
    }

    /// True if the answer to a finished attempt was lost.
    pub(super) fn is_lost(&self) -> bool {
        self.past() == Past::Lost
    }

    /// True if this 404 means that an earlier `DELETE` attempt, whose answer was lost or came from a gateway, was carried out.
    pub(super) fn is_gone(&self, request: &HttpRequest, response: &HttpResponse) -> bool {
        self.is_doubtful() && request.method == "DELETE" && response.status == 404
    }

    fn is_leaving(&self) -> bool {
        matches!(self.state.get(), State::InFlight(_)) && self.connected.load(Ordering::Relaxed)
    }

    fn past(&self) -> Past {
        match self.state.get() {
            State::Idle(past) | State::InFlight(past) => past,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    fn connected() -> Course {
        Course::new(&Arc::new(AtomicBool::new(true)))
    }

    fn answer(status: u16) -> Result<(HttpResponse, ()), Broken> {
        let response = HttpResponse {
            status,
            ..Default::default()
        };
        Ok((response, ()))
    }

    fn broken(how: How) -> Result<(HttpResponse, ()), Broken> {
        let error = Error::new(ErrorKind::Network, "the connection broke");
        Err(Broken { error, how })
    }

    /// Runs one attempt that is sent and ends like this.
    fn attempt(course: &Course, result: &Result<(HttpResponse, ()), Broken>) {
        course.start_attempt();
        course.mark_in_flight();
        course.finish_attempt(result);
    }

    #[test]
    fn a_call_in_flight_may_be_carried_out_once_there_is_a_connection() {
        let connection = Arc::new(AtomicBool::new(false));
        let course = Course::new(&connection);
        assert!(course.is_unsent() && !course.may_be_carried_out());
        course.start_attempt();
        course.mark_in_flight();
        assert!(course.is_unsent() && !course.may_be_carried_out());
        connection.store(true, Ordering::Relaxed);
        assert!(!course.is_unsent() && course.may_be_carried_out());
        course.mark_unsent();
        assert!(course.is_unsent() && !course.may_be_carried_out());
    }

    #[test]
    fn an_attempt_that_was_never_in_flight_leaves_the_call_unsent() {
        let course = connected();
        course.start_attempt();
        course.finish_attempt(&broken(How::Final));
        assert!(course.is_unsent() && !course.may_be_carried_out());
        assert_eq!(course.attempts(), 1);
    }

    #[test]
    fn an_answer_of_the_api_leaves_no_doubt() {
        for result in [answer(200), answer(429), answer(501), answer(505)] {
            let course = connected();
            attempt(&course, &result);
            assert!(!course.is_unsent() && !course.may_be_carried_out());
        }
        let course = connected();
        attempt(&course, &broken(How::Final));
        assert!(!course.is_unsent() && !course.may_be_carried_out());
    }

    #[test]
    fn an_answer_of_a_gateway_leaves_doubt_but_is_not_lost() {
        for status in [502, 503, 504] {
            let course = connected();
            attempt(&course, &answer(status));
            assert!(course.may_be_carried_out() && course.is_doubtful() && !course.is_lost());
        }
    }

    #[test]
    fn a_later_attempt_never_lowers_the_doubt() {
        let course = connected();
        attempt(&course, &broken(How::Lost));
        attempt(&course, &answer(503));
        attempt(&course, &answer(429));
        course.start_attempt();
        course.mark_in_flight();
        course.mark_unsent();
        assert!(course.is_lost() && course.may_be_carried_out());
        assert_eq!(course.attempts(), 4);
    }

    #[test]
    fn a_404_means_deleted_only_for_a_delete_whose_earlier_attempt_is_in_doubt() {
        let request = |method: &str| HttpRequest {
            method: method.to_owned(),
            ..Default::default()
        };
        let response = |status| HttpResponse {
            status,
            ..Default::default()
        };
        let course = connected();
        attempt(&course, &answer(429));
        assert!(!course.is_gone(&request("DELETE"), &response(404)));
        attempt(&course, &answer(503));
        assert!(course.is_gone(&request("DELETE"), &response(404)));
        assert!(!course.is_gone(&request("DELETE"), &response(401)));
        assert!(!course.is_gone(&request("PUT"), &response(404)));
    }
}
