//! From a press or a command to a take in the deck's history.
use crate::chores::Chore;
use crate::core::Core;
use crate::deck::{Generating, Request};
use crate::preparing::analysed;
use crate::prompts::PromptChange;
use crate::shelf::Prepared;
use crate::{Knobs, Press, PressAction, TakeRequest};
use engine::DeckIndex;
use jobs::{Job, JobEnd, ProviderError};
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
        self.queue(deck, Request { engine, spec, at, restores: None });
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
        let (engines, library, rate) = (self.env.engines.clone(), self.env.library.clone(), self.env.original_rate);
        let (engine, spec, restores) = (request.engine, request.spec.clone(), request.restores);
        let job = self.env.pool.submit(owner, self.waker(), move |progress, cancel| {
            // A file that has come back is better than a copy.
            let found = restores.and_then(|id| library.load(id).ok());
            let make = || engines.provider(engine)?.generate(&spec, rate, progress, cancel);
            let take = found.map_or_else(make, Ok)?;
            cancel.check()?;
            let playable = analysed(&take, take.original.clone());
            Ok(Prepared { take: Arc::new(take), playable: Some(playable) })
        });
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

    fn finish(
        &mut self,
        deck: DeckIndex,
        request: Request,
        is_cancelled: bool,
        end: JobEnd<Result<Prepared, ProviderError>>,
    ) {
        match end {
            // Cancelled a moment too late: still not wanted.
            _ if is_cancelled => {}
            JobEnd::Done(Ok(made)) => self.receive(deck, &request, made),
            JobEnd::Done(Err(ProviderError::Cancelled)) | JobEnd::NeverRan => {}
            JobEnd::Done(Err(error)) => self.say_of(deck, &error.to_string()),
            JobEnd::Panicked(words) => {
                let name = request.engine.name();
                let sentence = format!(
                    "{name} broke while making a take ({words}); everything else goes on. Try again, or change the prompt"
                );
                self.say_of(deck, &sentence);
            }
        }
    }

    /// A finished take: into the history, onto the deck, onto the disk.
    fn receive(&mut self, index: DeckIndex, request: &Request, made: Prepared) {
        self.shelf.put(&made);
        let take = made.take;
        let id = take.id;
        self.save(take.clone());
        if let Some(lost) = request.restores {
            self.note_restored(lost, &take);
        }
        let is_rendering = self.is_rendering();
        let is_starred = self.index.star(id).unwrap_or(false);
        let deck = self.deck(index);
        deck.remember(id, &take.info, is_starred);
        let is_wanted_now = request.restores.is_none_or(|lost| deck.current.is_none_or(|on| on == lost || on == id));
        // Some hosts always say offline and always roll: an empty deck would never get its first take.
        if is_wanted_now && is_rendering && deck.playing.is_some() {
            deck.deferred = Some((id, request.at));
        } else if is_wanted_now {
            deck.arm(id, request.at);
        }
        self.touch_session();
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
        let deck = self.deck(index);
        let had_job = deck.generating.is_some() || deck.waiting.is_some();
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
