//! Continuo as a plugin: the only crate that names the plugin framework, and a thin shell around engine and studio.
//!
//! Host block -> [`process`] -> engine; presses -> studio; state -> [`state`]; window -> [`editor`]. Nothing here makes
//! or plays music.
mod buttons;
pub mod editor;
mod exports;
mod layouts;
mod link;
pub mod midi_learn;
mod notes;
pub mod params;
mod process;
mod remote;
mod reuse;
pub mod state;
mod transport;

pub use buttons::{ACTIONS, Buttons, MAX_PRESSES_PER_BLOCK};
pub use link::StudioLink;
pub use notes::FIRST_KEY;

use editor::ContinuoEditor;
use engine::EngineConfig;
use nice_plug::context::process::SendEventError;
use nice_plug::prelude::*;
use params::ContinuoParams;
use process::{AudioRoom, Buses, Events};
use std::sync::Arc;
use std::time::Duration;
use studio::Press;
use take::SampleRate;

/// Engines are prepared for at least this many frames, so that a host may announce more or less from one activation
/// to the next without costing the decks their takes; longer blocks are rendered in pieces.
const MIN_PREPARED_FRAMES: usize = 1024;
/// And for at most this many, whatever a host announces.
const MAX_PREPARED_FRAMES: usize = 8192;

/// How long an activation waits for the takes of the project; afterwards they come while it plays.
const MAX_SETTLING: Duration = Duration::from_secs(10);

/// One instance.
pub struct Continuo {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    presses: rtrb::Producer<Press>,
    /// `None` until the first activation.
    room: Option<AudioRoom>,
}

impl Default for Continuo {
    /// Memory only: hosts construct plugins while they scan. No disk, no thread.
    fn default() -> Self {
        let params = Arc::new(ContinuoParams::default());
        midi_learn::install(&params);
        let (link, presses) = StudioLink::new(Arc::clone(&params));
        Self { params, link: Arc::new(link), presses, room: None }
    }
}

impl Drop for Continuo {
    /// The audio half goes first, then the studio with its jobs and thread; a window that lives on finds it closed.
    fn drop(&mut self) {
        self.room = None;
        self.link.close();
    }
}

impl Plugin for Continuo {
    const NAME: &'static str = "Continuo";
    const VENDOR: &'static str = "Continuo";
    const URL: &'static str = "https://continuo.audio";
    const EMAIL: &'static str = "hello@continuo.audio";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = layouts::LAYOUTS;
    // Basic: MidiCCs would add 2080 hidden parameters to the VST3.
    const MIDI_INPUT: MidiConfig = MidiConfig::Basic;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;
    // Every parameter twice per block (hosts send a value at both ends of a ramp), and room for a storm.
    const INPUT_EVENT_CAPACITY: usize = 4096;
    type Editor = ContinuoEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        editor::create(Arc::clone(&self.params), Arc::clone(&self.link))
    }

    fn filter_state(state: &mut PluginState) {
        state::filter_state(state);
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        _context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let Ok(rate) = SampleRate::new(config.sample_rate.round() as u32) else {
            nice_error!("a sample rate of {} Hz cannot be played", config.sample_rate);
            return false;
        };
        self.prepare(rate, config.max_buffer_size as usize);
        let is_offline = config.process_mode == ProcessMode::Offline;
        if let Some(room) = &mut self.room {
            room.set_wait(is_offline.then_some(wait_a_little as fn()));
        }
        if let Some(studio) = self.link.open() {
            studio.set_offline(is_offline);
            // An export starts with the next call: what the project plays has to be in the engine by then.
            if !studio.wait_until_settled(MAX_SETTLING) {
                nice_warn!("the takes of this project are still being loaded; it plays as soon as they are there");
            }
        }
        true
    }

    fn reset(&mut self) {
        if let Some(room) = &mut self.room {
            room.reset();
        }
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let Some(room) = &mut self.room else {
            buffer.as_slice().iter_mut().for_each(|channel| channel.fill(0.0));
            return ProcessStatus::KeepAlive;
        };
        let host = room.host_block(context.transport(), buffer.samples());
        process::send_presses(&self.params, &host, &mut self.presses);
        let mut buses = Buses { main: buffer, aux: aux.outputs, sidechain: aux.inputs.first_mut() };
        room.process(&self.params, &host, &mut HostEvents(context), &mut buses);
        ProcessStatus::KeepAlive
    }
}

/// The framework's ends of the MIDI input and output.
struct HostEvents<'a, C>(&'a mut C);

impl<C: ProcessContext<Continuo>> Events<()> for HostEvents<'_, C> {
    fn next(&mut self) -> Option<NoteEvent<()>> {
        self.0.next_event()
    }

    fn send(&mut self, event: NoteEvent<()>) -> bool {
        // A host without a MIDI output hears nothing: there is nothing to try again.
        !matches!(self.0.try_send_event(event), Err((_, SendEventError::HostBufferFull)))
    }
}

/// What an offline render does while the band composes: there is no deadline, and the band has its core.
fn wait_a_little() {
    std::thread::sleep(Duration::from_micros(50));
}

impl Continuo {
    /// A new engine for a new rate. At the rate it already runs at, the engine and its takes stay: a host that goes
    /// offline to bounce deactivates and activates, and the first bar of the bounce must not be silent.
    fn prepare(&mut self, rate: SampleRate, max_frames: usize) {
        if self.room.as_ref().is_some_and(|room| room.rate_hz() == f64::from(rate.get())) {
            return;
        }
        let max_frames = max_frames.clamp(MIN_PREPARED_FRAMES, MAX_PREPARED_FRAMES);
        let (engine, handle) = engine::prepare(EngineConfig { rate, max_frames });
        self.link.attach(handle);
        let mut room = AudioRoom::new(engine, f64::from(rate.get()), max_frames);
        if let Some(old) = &self.room {
            room.close_notes_of(old);
        }
        self.room = Some(room);
    }
}
