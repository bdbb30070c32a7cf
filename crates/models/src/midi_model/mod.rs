//! SkyTNT's midi-model: instruments, meter, key and tempo into notes, event by event.
//!
//! Source: the program that runs the published files (`app_onnx.py` of SkyTNT/midi-model): without chance
//! ([`MidiModelRequest::temperature`] 0) it and this write the same events. A piece ends where its beats do; going on
//! from notes that are there already is not here.
mod config;
mod event;
mod masks;
mod nets;
mod notes;
mod request;
mod sampling;
mod vocab;

pub use config::Layout;
pub use event::{Event, EventKind};
pub use notes::{MidiModelNote, notes_of};
pub use request::{DRUM_CHANNEL, KeySignature, MidiModelRequest};
pub use vocab::{Row, Version};

use crate::musicgen::open_file::open_file;
use crate::{ModelError, RunControl, Runtime, Session};
use config::Config;
use masks::Masks;
use nets::{Network, Steps};
use notes::Clock;
use sampling::Sampler;
use std::path::Path;
use vocab::{EOS, PAD, ROW};

/// What a midi-model made of a request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MidiModelPiece {
    /// The notes that begin within the beats asked for, in the order of their starts.
    pub notes: Vec<MidiModelNote>,
    /// Events that the model wrote for it, notes or not.
    pub num_events: usize,
    /// Beat, from 0, of the first event that lies past the end; `None` where the model ended or could remember no more.
    pub next_beat: Option<f64>,
}

/// A midi-model whose files are open and checked. Copies of its sessions are shared in the process.
pub struct MidiModel {
    layout: Layout,
    config: Config,
    base: Network,
    token: Network,
}

impl MidiModel {
    /// Opens the midi-model in `folder`; may take seconds.
    ///
    /// # Errors
    /// [`ModelError`] with the file, and the tensor or value that is missing or wrong; nothing stays open.
    pub fn open(runtime: &Runtime, folder: &Path) -> Result<Self, ModelError> {
        Self::open_with(runtime, folder, &RunControl::detached())
    }

    /// As [`Self::open`], with progress and cancel.
    ///
    /// # Errors
    /// As [`Self::open`], and `Cancelled`.
    pub fn open_with(runtime: &Runtime, folder: &Path, control: &RunControl) -> Result<Self, ModelError> {
        let layout = Layout::find(folder)?;
        let config = Config::read(&layout.config)?;
        let open = |file: &Path, share: f32| {
            control.report(share, "opening the midi-model");
            open_file(runtime, file, control)
        };
        let base = Network::base(open(&layout.base, 0.0)?, &config)?;
        let token = Network::token(open(&layout.token, 0.8)?, &config)?;
        control.report(1.0, "opening the midi-model");
        Ok(Self { layout, config, base, token })
    }

    /// Which files it is made of.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Which tokenizer it was trained with.
    pub fn version(&self) -> Version {
        self.config.version
    }

    /// Makes the notes that begin within `request.num_beats`. The same request, files and number of threads give the same
    /// piece. Fewer beats may be filled: the model can leap, and it remembers some 4096 events at most.
    ///
    /// # Errors
    /// `Cancelled` within 250 ms; `Input` for a request out of range; what running the files gives.
    pub fn generate(&self, request: &MidiModelRequest, control: &RunControl) -> Result<MidiModelPiece, ModelError> {
        request.check()?;
        let (rows, next_beat) = self.walk(request, control).map_err(|error| self.explain(error))?;
        let prompt = request.prompt(self.config.version);
        let events: Vec<Event> = prompt.iter().chain(&rows).filter_map(|row| self.config.version.decode(row)).collect();
        control.report(1.0, "done");
        Ok(MidiModelPiece { notes: notes_of(&events), num_events: rows.len(), next_beat })
    }

    /// The events that the model writes after the request's own, in tokens; the last one is an end where it made one.
    ///
    /// # Errors
    /// As [`Self::generate`].
    pub fn generate_rows(&self, request: &MidiModelRequest, control: &RunControl) -> Result<Vec<Row>, ModelError> {
        request.check()?;
        Ok(self.walk(request, control).map_err(|error| self.explain(error))?.0)
    }

    /// The rows, and the beat of the first event past the end.
    fn walk(&self, request: &MidiModelRequest, control: &RunControl) -> Result<(Vec<Row>, Option<f64>), ModelError> {
        let version = self.config.version;
        let masks = Masks::new(version, request);
        let mut sampler = Sampler::new(request.temperature, request.top_p, request.top_k, request.seed);
        let mut unread = request.prompt(version);
        let most = self.config.max_events.saturating_sub(unread.len());
        let num_steps = request.num_beats * 16.0;
        let (mut rows, mut clock, mut base) = (Vec::new(), Clock::default(), self.base.start()?);
        while rows.len() < request.max_events.unwrap_or(most).min(most) {
            control.check()?;
            let hidden = base.read(&unread, control)?;
            let row = write_event(self.token.start()?, hidden, &masks, &mut sampler, control)?;
            let Some(event) = version.decode(&row) else {
                rows.push(row);
                break;
            };
            let at = clock.advance(&event) as f64;
            if at >= num_steps {
                return Ok((rows, Some(at / 16.0)));
            }
            control
                .report((at / num_steps) as f32, &format!("beat {} of {}", (at / 16.0) as u64 + 1, request.num_beats));
            rows.push(row);
            unread = vec![row];
        }
        Ok((rows, None))
    }

    /// Damaged weights are looked for only once they have made themselves felt.
    fn explain(&self, error: ModelError) -> ModelError {
        let sessions: [&Session; 2] = [self.base.session(), self.token.session()];
        sessions.into_iter().fold(error, |error, session| session.explain(error))
    }
}

/// One event, token by token; the token network begins each with nothing remembered.
fn write_event(
    mut token: Steps<'_>,
    hidden: Vec<f32>,
    masks: &Masks,
    sampler: &mut Sampler,
    control: &RunControl,
) -> Result<Row, ModelError> {
    let mut row = [PAD; ROW];
    row[0] = sampler.draw(&token.first(hidden, control)?, masks.kinds()) as i64;
    if row[0] == EOS {
        return Ok(row);
    }
    for (place, allowed) in masks.parameters(row[0]).enumerate() {
        let scores = token.next(row[place], control)?;
        row[place + 1] = sampler.draw(&scores, allowed) as i64;
    }
    Ok(row)
}
