//! Engines and the separator tried out on request: a job each, and a sentence of how it went.
use crate::core::{Core, lane};
use crate::{Trial, TrialState};
use jobs::{Facility, Job, JobEnd, ProviderError};

/// Trials under way, and how the last one of each facility went.
#[derive(Debug, Default)]
pub(crate) struct Trials {
    running: Vec<(Facility, Job<Result<String, ProviderError>>)>,
    ended: Vec<Trial>,
}

impl Trials {
    pub(crate) fn is_busy(&self) -> bool {
        !self.running.is_empty()
    }

    pub(crate) fn view(&self) -> Vec<Trial> {
        let running = self.running.iter().map(|(facility, job)| {
            let stage = job.progress().stage;
            Trial { facility: *facility, state: TrialState::Running { stage } }
        });
        running.chain(self.ended.iter().cloned()).collect()
    }
}

impl Core {
    /// A second click while it runs changes nothing.
    pub(crate) fn test(&mut self, facility: Facility) {
        if self.trials.running.iter().any(|(running, _)| *running == facility) {
            return;
        }
        self.trials.ended.retain(|trial| trial.facility != facility);
        let engines = self.env.engines.clone();
        let work =
            move |progress: &jobs::Progress, cancel: &jobs::CancelToken| engines.test(facility, progress, cancel);
        match self.env.pool.submit(self.owner(lane::TRIALS), self.waker(), work) {
            Ok(job) => self.trials.running.push((facility, job)),
            Err(full) => self.end_trial(facility, TrialState::Failed { sentence: format!("{full}; try again") }),
        }
        self.touch();
    }

    pub(crate) fn poll_trials(&mut self) {
        let mut ends = Vec::new();
        self.trials.running.retain_mut(|(facility, job)| match job.poll() {
            Some(end) => {
                ends.push((*facility, end));
                false
            }
            None => true,
        });
        for (facility, end) in ends {
            let state = match end {
                JobEnd::Done(Ok(sentence)) => TrialState::Works { sentence },
                JobEnd::Done(Err(error)) => TrialState::Failed { sentence: error.to_string() },
                JobEnd::Panicked(words) => TrialState::Failed { sentence: format!("a worker broke on it ({words})") },
                JobEnd::NeverRan => TrialState::Failed { sentence: "it was not tried".to_owned() },
            };
            self.end_trial(facility, state);
        }
    }

    fn end_trial(&mut self, facility: Facility, state: TrialState) {
        self.trials.ended.push(Trial { facility, state });
        self.touch();
    }
}
