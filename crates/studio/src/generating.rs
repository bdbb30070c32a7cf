//! From a press or a command to a take in the deck's history.
//!
//! One job runs and one waits per deck, whether it makes a take or takes one apart (`separating.rs`).
use crate::chores::Chore;
use crate::core::Core;
use crate::deck::{Generating, Made, Request, Work, WorkError};
use crate::preparing::analysed;
use crate::prompts::PromptChange;
use crate::shelf::Prepared;
use crate::{Knobs, Press, PressAction, TakeRequest};
use engine::{DeckIndex, SwapAt};
use jobs::{CancelToken, Engines, Job, JobEnd, Progress, ProviderError};
use std::sync::Arc;
use std::time::Duration;
use take::{BUILT_IN_STYLES, Bpm, Meter, StyleId, Take, TakeId, TakeSpec};

/// An offline render that has not called for this long is over: some hosts never say so.
const RENDER_IS_OVER_AFTER: Duration = Duration::from_millis(500);

impl Core {
    pub(crate) fn press(&mut self, press: &Press) {
        let at = press.knobs.at;
        match press.action {
            PressAction::Generate => {
                if let Some(spec) = self.spec_from(&press.knobs) {
                    self.request(TakeRequest { deck: press.deck, engine: press.knobs.engine, spec, at });
                }
            }
            PressAction::Next => self.step(press.deck, 1, at),
            PressAction::Previous => self.step(press.deck, -1, at),
            PressAction::Cancel => self.cancel(press.deck),
            PressAction::Separate => self.separate(press.deck),
        }
    }

    /// The knobs, the session's prompt and the next seed. `None`, with a notice, when there is no such style.
    fn spec_from(&mut self, knobs: &Knobs) -> Option<TakeSpec> {
        let style = if knobs.style < BUILT_IN_STYLES.len() {
            StyleId::built_in(knobs.style)
        } else if let Some(style) = self.session.user_style.clone() {
            style
        } else {
            self.notices.error("Style says `User`, but no style of yours is chosen: pick one beside the Style menu.");
            self.touch();
            return None;
        };
        let prompt = self.session.prompt.clone();
        let host_tempo = knobs.tempo.and_then(|bpm| Bpm::new(bpm).ok());
        let tempo = host_tempo.unwrap_or_else(|| self.env.engines.band().tempo_for(&prompt, &style));
        let meter =
            knobs.meter.and_then(|(numerator, denominator)| Meter::new(numerator.into(), denominator.into()).ok());
        let seed = self.session.next_seed;
        // Saved with the take it makes: a press alone leaves the project as it was.
        self.session.next_seed = seed.wrapping_add(1);
        Some(TakeSpec {
            prompt,
            key: knobs.key,
            scale: knobs.scale,
            meter: meter.unwrap_or(Meter::FOUR_FOUR),
            bars: knobs.bars,
            energy: knobs.energy,
            complexity: knobs.complexity,
            swing: knobs.swing,
            humanise: knobs.humanise,
            ..TakeSpec::new(style, tempo, seed)
        })
    }

    /// Starts a job, or lets it wait behind the running one in place of what waited there.
    pub(crate) fn request(&mut self, request: TakeRequest) {
        let TakeRequest { deck, engine, spec, at } = request;
        if let Err(error) = spec.check() {
            self.say_of(deck, &error.to_string());
            return;
        }
        if !spec.prompt.trim().is_empty() && self.prompts.first() != Some(&spec.prompt) {
            self.begin(Chore::Prompts(PromptChange::Remember(spec.prompt.clone())));
        }
        let work = Work::Make { engine, spec, restores: None, is_separated: false };
        self.queue(deck, Request { work, at });
    }

    pub(crate) fn queue(&mut self, deck: DeckIndex, request: Request) {
        self.deck(deck).waiting = Some(request);
        self.start_waiting(deck);
        self.touch();
    }

    /// A pool that is full up keeps the request waiting; the next tick tries again.
    fn start_waiting(&mut self, index: DeckIndex) {
        let owner = self.owner(index.get() as u8);
        let deck = &self.decks[index.get()];
        let (None, Some(request)) = (&deck.generating, &deck.waiting) else { return };
        let request = request.clone();
        let job = match request.work.clone() {
            Work::Make { engine, spec, restores, is_separated } => {
                let (engines, library, rate) =
                    (self.env.engines.clone(), self.env.library.clone(), self.env.original_rate);
                self.env.pool.submit(owner, self.waker(), move |progress, cancel| {
                    // A file that has come back is better than a copy.
                    let found = restores.and_then(|id| library.load(id).ok());
                    let make = || {
                        let take = engines.provider(engine)?.generate(&spec, rate, progress, cancel)?;
                        if is_separated { separated(&engines, &take, progress, cancel) } else { Ok(take) }
                    };
                    let take = found.map_or_else(make, Ok)?;
                    cancel.check().map_err(ProviderError::from)?;
                    let playable = analysed(&take, take.original.clone());
                    Ok(vec![Prepared { take: Arc::new(take), playable: Some(playable) }])
                })
            }
            Work::Separate { take } => {
                let separation = self.separation(index, take);
                let work = move |progress: &Progress, cancel: &CancelToken| separation.run(progress, cancel);
                self.env.pool.submit(owner, self.waker(), work)
            }
        };
        if let Ok(job) = job {
            let deck = self.deck(index);
            deck.waiting = None;
            deck.generating = Some(Generating { job, request });
        }
    }

    pub(crate) fn poll_generating(&mut self) {
        self.arm_deferred();
        for index in DeckIndex::all() {
            let end = self.deck(index).generating.as_mut().and_then(|generating| generating.job.poll());
            if let Some(end) = end {
                let generating = self.deck(index).generating.take();
                if let Some(Generating { request, job }) = generating {
                    self.finish(index, request, job.is_cancelled(), end);
                }
                self.touch();
            }
            self.start_waiting(index);
        }
    }

    fn finish(&mut self, deck: DeckIndex, request: Request, is_cancelled: bool, end: JobEnd<Result<Made, WorkError>>) {
        match end {
            // Cancelled a moment too late: still not wanted.
            _ if is_cancelled => {}
            JobEnd::Done(Ok(made)) => match request.work {
                Work::Make { restores, .. } => self.receive(deck, restores, request.at, &made),
                Work::Separate { take } => self.receive_stems(deck, take, request.at, &made),
            },
            JobEnd::Done(Err(WorkError::Provider(ProviderError::Cancelled))) | JobEnd::NeverRan => {}
            JobEnd::Done(Err(error)) => self.say_of(deck, &error.to_string()),
            JobEnd::Panicked(words) => {
                let who = request.work.who();
                let sentence = format!(
                    "{who} broke on this take ({words}); everything else goes on. Try again, or change the prompt"
                );
                self.say_of(deck, &sentence);
            }
        }
    }

    fn receive(&mut self, index: DeckIndex, restores: Option<TakeId>, at: SwapAt, made: &Made) {
        let Some(take) = self.keep(index, made) else { return };
        if let Some(lost) = restores {
            self.note_restored(lost, &take);
        }
        let current = self.deck(index).current;
        if restores.is_none_or(|lost| current.is_none_or(|on| on == lost || on == take.id)) {
            self.arm_finished(index, take.id, at);
        }
        self.touch_session();
    }

    /// A finished take into memory, into the history and onto the disk.
    pub(crate) fn keep(&mut self, index: DeckIndex, made: &Made) -> Option<Arc<Take>> {
        made.iter().for_each(|prepared| self.shelf.put(prepared));
        let take = made.first()?.take.clone();
        self.save(take.clone());
        let is_starred = self.index.star(take.id).unwrap_or(false);
        self.deck(index).remember(take.id, &take.info, is_starred);
        Some(take)
    }

    /// Onto the deck, or after the offline render that is under way.
    pub(crate) fn arm_finished(&mut self, index: DeckIndex, id: TakeId, at: SwapAt) {
        let is_rendering = self.is_rendering();
        let deck = self.deck(index);
        // Some hosts always say offline and always roll: an empty deck would never get its first take.
        if is_rendering && deck.playing.is_some() {
            deck.deferred = Some((id, at));
        } else {
            deck.arm(id, at);
        }
    }

    /// An offline render is under way: what a job finishes meanwhile waits for its end, so that two renders are
    /// identical. Hosts that always say offline do not count while the transport stands, or while they do not call.
    pub(crate) fn is_rendering(&self) -> bool {
        let is_called = self.now.saturating_sub(self.heard_engine_at) < RENDER_IS_OVER_AFTER;
        self.is_offline && self.engine_snapshot.is_playing && is_called
    }

    fn arm_deferred(&mut self) {
        if self.is_rendering() {
            return;
        }
        for index in DeckIndex::all() {
            if let Some((id, at)) = self.deck(index).deferred.take() {
                self.deck(index).arm(id, at);
                self.touch_session();
            }
        }
    }

    /// The take is back wherever it was; a later band may have made another one of the same spec.
    fn note_restored(&mut self, lost: TakeId, take: &Take) {
        if take.id == lost {
            for deck in &mut self.decks {
                deck.edit(lost, |row| row.is_missing = false);
            }
        } else {
            let (name, engine) = (&take.info.name, &take.info.engine);
            self.notices.info(format!("`{name}` was made again by {engine}, which is not the one that made the lost take: it may sound different."));
        }
    }

    pub(crate) fn cancel(&mut self, index: DeckIndex) {
        let was_listening = self.cancel_hearings(index);
        let deck = self.deck(index);
        let had_job = was_listening || deck.generating.is_some() || deck.waiting.is_some();
        deck.waiting = None;
        deck.generating.iter().map(|generating| &generating.job).for_each(Job::cancel);
        if !had_job {
            self.disarm(index);
        }
        self.touch();
    }

    /// A sentence about one deck.
    pub(crate) fn say_of(&mut self, deck: DeckIndex, sentence: &str) {
        self.notices.error(format!("Deck {}: {}.", deck.get() + 1, sentence.trim_end_matches('.')));
        self.touch();
    }
}

fn separated(engines: &Engines, take: &Take, progress: &Progress, cancel: &CancelToken) -> Result<Take, ProviderError> {
    Ok(engines.separate(take, progress, cancel)?)
}
