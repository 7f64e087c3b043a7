//! Which fault, if any, hits the next request.

use std::time::Duration;

use super::Fault;
use super::effect::Effect;

/// The faults of a sandbox, with how far each has come.
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

/// A fault's effect on one request.
#[derive(Debug)]
pub(crate) struct Blow {
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

    /// Counts a request, and tells what hits it. `route` is its path without `/api`.
    ///
    /// Every matching fault counts it, so that `after` means the same whatever other faults there are.
    pub(crate) fn hit(&mut self, method: &str, route: &str) -> Option<Blow> {
        let mut blow = None;
        for step in self
            .steps
            .iter_mut()
            .filter(|step| step.fault.matches(method, route))
        {
            step.seen += 1;
            let is_due = step.seen > step.fault.after;
            let is_left = step.fault.times.is_none_or(|times| step.hits < times);
            if blow.is_none() && is_due && is_left {
                step.hits += 1;
                blow = Some(Blow {
                    delay: step.fault.delay,
                    effect: step.fault.effect.clone(),
                });
            }
        }
        blow
    }
}

#[cfg(test)]
mod tests {
    use super::super::Fault;
    use super::super::effect::{Answer, Effect};
    use super::Plan;

    fn statuses(plan: &mut Plan, requests: usize) -> Vec<u16> {
        let code = |plan: &mut Plan| match plan.hit("GET", "/orgs") {
            Some(blow) => match blow.effect {
                Effect::Answer(Answer { code, .. }) => code,
                _ => 1,
            },
            None => 0,
        };
        (0..requests).map(|_| code(plan)).collect()
    }

    #[test]
    fn a_fault_hits_so_many_times_after_so_many_matches() {
        let mut plan = Plan::default();
        plan.add(Fault::on("get", "/orgs").status(500).after(1).times(2));
        assert!(plan.hit("POST", "/orgs").is_none());
        assert!(plan.hit("GET", "/user-info").is_none());
        assert_eq!(statuses(&mut plan, 5), [0, 500, 500, 0, 0]);
    }

    #[test]
    fn faults_of_one_route_follow_each_other() {
        let mut plan = Plan::default();
        plan.add(Fault::on("GET", "/orgs").status(500).times(1));
        plan.add(Fault::on("*", "*").status(429).times(1));
        plan.add(Fault::on("GET", "*").status(503).after(3));
        assert_eq!(statuses(&mut plan, 5), [500, 429, 0, 503, 503]);
    }

    #[test]
    fn cleared_faults_hit_nothing() {
        let mut plan = Plan::default();
        plan.add(Fault::on("GET", "/orgs").reset_before());
        plan.clear();
        assert!(plan.hit("GET", "/orgs").is_none());
    }
}
