//! Selects the fault that hits the next request.

use std::time::Duration;

use super::Fault;
use super::effect::Effect;

/// The faults of a sandbox with their counters.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    fault: Fault,
    seen: usize,
    hits: usize,
}

/// The effect of a fault on one request.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) delay: Option<Duration>,
    pub(crate) effect: Effect,
}

impl Plan {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.steps.push(Step {
            fault,
            seen: 0,
            hits: 0,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// Counts a request and returns its hit. Returns `None` if no fault hits the request. `route` is the path without `/api`.
    ///
    /// Every matching fault counts the request, also when another fault hits it. So the meaning of `after` does not depend on
    /// other faults.
    pub(crate) fn hit(&mut self, method: &str, route: &str) -> Option<Hit> {
        let mut hit = None;
        for step in self
            .steps
            .iter_mut()
            .filter(|step| step.fault.matches(method, route))
        {
            step.seen += 1;
            let is_due = step.seen > step.fault.after;
            let is_left = step.fault.times.is_none_or(|times| step.hits < times);
            if hit.is_none() && is_due && is_left {
                step.hits += 1;
                hit = Some(Hit {
                    delay: step.fault.delay,
                    effect: step.fault.effect.clone(),
                });
            }
        }
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fault;
    use super::super::effect::{Answer, Effect};
    use super::Plan;

    fn statuses(plan: &mut Plan, requests: usize) -> Vec<u16> {
        let code = |plan: &mut Plan| match plan.hit("GET", "/orgs") {
            Some(hit) => match hit.effect {
                Effect::Answer(Answer { code, .. }) => code,
                _ => 1,
            },
            None => 0,
        };
        (0..requests).map(|_| code(plan)).collect()
    }

    #[test]
    fn a_fault_skips_after_matches_and_then_hits_times_requests() {
        let mut plan = Plan::default();
        plan.add(Fault::on("get", "/orgs").status(500).after(1).times(2));
        assert!(plan.hit("POST", "/orgs").is_none());
        assert!(plan.hit("GET", "/user-info").is_none());
        assert_eq!(statuses(&mut plan, 5), [0, 500, 500, 0, 0]);
    }

    #[test]
    fn the_next_fault_applies_when_the_first_is_used_up() {
        let mut plan = Plan::default();
        plan.add(Fault::on("GET", "/orgs").status(500).times(1));
        plan.add(Fault::on("*", "*").status(429).times(1));
        plan.add(Fault::on("GET", "*").status(503).after(3));
        assert_eq!(statuses(&mut plan, 5), [500, 429, 0, 503, 503]);
    }

    #[test]
    fn cleared_faults_no_longer_hit() {
        let mut plan = Plan::default();
        plan.add(Fault::on("GET", "/orgs").reset_before());
        plan.clear();
        assert!(plan.hit("GET", "/orgs").is_none());
    }
}
