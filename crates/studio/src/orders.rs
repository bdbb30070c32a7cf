//! What clients ask for, other than generating.
use crate::Command;
use crate::band::{MAX_CHORDS_CHARS, problem_of};
use crate::chores::Chore;
use crate::core::Core;
use crate::deck::{Pending, Request, Work};
use crate::prompts::PromptChange;
use crate::saving::ExportWhat;
use engine::{DeckIndex, SwapAt};
use jobs::EngineChoice;
use take::{TakeId, TakeSpec};

impl Core {
    pub(crate) fn obey(&mut self, command: Command) {
        match command {
            Command::Press(press) => self.press(&press),
            Command::Generate(request) => self.request(request),
            Command::Separate { deck } => self.separate(deck),
            Command::HearNotes { deck } => self.hear_notes(deck),
            Command::Cancel { deck } => self.cancel(deck),
            Command::Next { deck, at } => self.step(deck, 1, at),
            Command::Previous { deck, at } => self.step(deck, -1, at),
            Command::Select { deck, take, at } => self.select(deck, take, at),
            Command::Star { take, is_starred } => self.star(take, is_starred),
            Command::Forget { deck, take } => self.forget(deck, take),
            Command::Delete { take } => self.delete(take),
            Command::Mark { deck, side, take } => self.mark(deck, side, take),
            Command::Compare { deck, at } => self.compare(deck, at),
            Command::Undo { deck, at } => self.go_back(deck, false, at),
            Command::Redo { deck, at } => self.go_back(deck, true, at),
            Command::Reuse { take, with_seed } => self.reuse(take, with_seed),
            Command::Unload { deck } => self.unload(deck),
            Command::Restore { deck, take } => self.restore(deck, take),
            Command::Cue { take } => {
                self.cue.wanted = take;
                self.touch();
            }
            Command::Search { query } => self.search(query),
            Command::LoadTake { deck, take, at } => self.load_take(deck, take, at),
            Command::ImportFile { deck, path, at } => self.import_file(deck, path, at),
            Command::SetUserStyle { style } => {
                self.session.user_style = style;
                self.touch_session();
            }
            Command::SetPrompt { text } => self.set_prompt(text),
            Command::ClearPrompts => self.begin(Chore::Prompts(PromptChange::Clear)),
            Command::SetWindow { window } => {
                self.session.window = window.clamped();
                self.touch_session();
            }
            Command::SetChords { text } => self.set_chords(text),
            Command::LookAtEngines => self.begin(Chore::LookAtEngines),
            Command::Test { facility } => self.test(facility),
            Command::ReloadStyles => self.reload_styles(),
            Command::Export { take, dir } => self.export(take, dir, ExportWhat::Take),
            Command::ExportStem { take, stem } => self.export(take, None, ExportWhat::Stem(stem)),
            Command::ExportPart { take, part } => self.export(take, None, ExportWhat::Part(part)),
            Command::PrepareDrag { take } => self.prepare_drag(take),
            Command::ClearDrag => self.begin(Chore::ClearDrag),
            Command::SetKey { address, key } => self.begin(Chore::SetKey(address, key)),
            Command::Dismiss { notice } => {
                self.notices.dismiss(notice);
                self.touch();
            }
        }
    }

    /// A prompt that no engine reads to its end is kept as far as it is read.
    fn set_prompt(&mut self, text: String) {
        let max_chars = TakeSpec::MAX_PROMPT_CHARS;
        let is_too_long = text.chars().count() > max_chars;
        if is_too_long {
            self.notices.error(format!("The prompt was cut after {max_chars} characters: nothing reads further."));
        }
        self.session.prompt = if is_too_long { text.chars().take(max_chars).collect() } else { text };
        self.touch_session();
    }

    /// A line nobody can read changes nothing.
    fn set_chords(&mut self, text: String) {
        let is_too_long = text.chars().count() > MAX_CHORDS_CHARS;
        let too_long = || format!("The chord line is longer than {MAX_CHORDS_CHARS} characters.");
        match is_too_long.then(too_long).or_else(|| problem_of(&text)) {
            Some(problem) => {
                self.notices.error(problem);
                self.touch();
            }
            None => {
                self.session.chords = text;
                self.touch_session();
            }
        }
    }

    pub(crate) fn step(&mut self, deck: DeckIndex, step: isize, at: SwapAt) {
        if let Some(id) = self.deck(deck).neighbour(step) {
            self.deck(deck).arm(id, at);
            self.touch_session();
        }
    }

    pub(crate) fn select(&mut self, index: DeckIndex, id: TakeId, at: SwapAt) {
        let Some(row) = self.deck(index).row(id).cloned() else {
            self.say_of(index, "this take is not in its list any more");
            return;
        };
        if row.is_missing {
            self.say_missing(index, id);
        } else {
            self.deck(index).arm(id, at);
            self.touch_session();
        }
    }

    pub(crate) fn forget(&mut self, index: DeckIndex, id: TakeId) {
        let is_forgotten = self.deck(index).forget(id);
        if is_forgotten && self.deck(index).current == Some(id) {
            self.unload(index);
        }
        self.touch_session();
    }

    fn unload(&mut self, index: DeckIndex) {
        self.deck(index).unload();
        self.touch_session();
    }

    fn restore(&mut self, index: DeckIndex, id: TakeId) {
        let Some(row) = self.deck(index).row(id) else { return };
        if row.is_missing {
            let (engine, spec) = (EngineChoice::of_take(&row.take.engine), row.take.spec.clone());
            let is_separated = jobs::is_separated(&row.take.engine);
            let work = Work::Make { engine, spec, restores: Some(id), is_separated };
            self.queue(index, Request { work, at: SwapAt::default() });
        }
    }

    /// Takes back what is armed but does not play yet.
    pub(crate) fn disarm(&mut self, index: DeckIndex) {
        let has_engine = self.engine.is_some();
        let deck = self.deck(index);
        deck.deferred = None;
        let is_armed = deck.current.is_some() && deck.current != deck.playing;
        if !has_engine || !is_armed {
            return;
        }
        deck.fall_back_to_playing();
        deck.pending = Some(Pending::Disarm);
        self.touch_session();
    }

    /// Names a take that is gone, with the words it came from, so that its owner can decide.
    pub(crate) fn say_missing(&mut self, index: DeckIndex, id: TakeId) {
        let text = match self.deck(index).row(id).map(|row| &row.take) {
            None => format!("the take {} is missing from the library", &id.to_string()[..8]),
            Some(take) if take.spec.prompt.is_empty() => {
                format!("`{}` is missing from the library; Restore makes it again", take.name)
            }
            Some(take) => {
                let (name, prompt) = (&take.name, &take.spec.prompt);
                format!(
                    "`{name}` (from the words \u{201c}{prompt}\u{201d}) is missing from the library; Restore makes it again"
                )
            }
        };
        self.say_of(index, &text);
    }
}
