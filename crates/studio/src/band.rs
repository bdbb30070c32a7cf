//! The live band's thread: carries what the audio thread hears to the accompanist, and its sections back.
//!
//! A thread of its own, because an answer is due within the time of a sixteenth note whatever the studio does.
//! Composing two bars takes a few milliseconds; a new style is rendered for some tens of them first.
use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use engine::{BandHandle, BandOrder, Heard};
use jobs::{Accompanist, BandSettings, ChordSource, StyleBook};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use take::{Amount, BUILT_IN_STYLES, Beats, LivePlace, LiveSection, PitchClass, SampleRate, Scale, StyleId};
use theory::{Chord, ChordAt};

/// Between two looks at the rings while the band plays.
const PLAYING_PACE: Duration = Duration::from_millis(2);
/// While it is switched off.
const RESTING_PACE: Duration = Duration::from_millis(20);
/// Messages handled before the user's changes are looked at.
const MAX_HEARD: usize = 256;
/// Side-chain frames handed over at a time.
const SOUND_FRAMES: usize = 4096;
/// Bars of chords that a client sees.
const SHOWN_BARS: f64 = 8.0;
/// Further than any song.
const FOREVER_BEATS: f64 = 1e9;
/// Longest chord line that is kept, in characters.
pub(crate) const MAX_CHORDS_CHARS: usize = 4000;

/// The band's host parameters as they stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandDials {
    /// It plays.
    pub is_on: bool,
    /// Index into the built-in styles; beyond them the session's user style.
    pub style: usize,
    /// Where the chords come from.
    pub source: ChordSource,
    /// The chords stay as they are.
    pub is_locked: bool,
    /// How hard it plays.
    pub intensity: Amount,
    /// How much happens.
    pub complexity: Amount,
    /// How loosely.
    pub humanise: Amount,
    /// 0.0 straight ..= 1.0 triplet; the style's own where absent.
    pub swing: Option<Amount>,
    /// Tonic; found from the chords where absent.
    pub key: Option<PitchClass>,
    /// Scale; major or minor as the chords have it where absent.
    pub scale: Option<Scale>,
    /// Fills asked for so far.
    pub num_fills: u32,
}

impl Default for BandDials {
    fn default() -> Self {
        let settings = BandSettings::default();
        Self {
            is_on: false,
            style: 0,
            source: settings.source,
            is_locked: false,
            intensity: settings.intensity,
            complexity: settings.complexity,
            humanise: settings.humanise,
            swing: None,
            key: None,
            scale: None,
            num_fills: 0,
        }
    }
}

/// Reads the host parameters; any thread may call it.
pub type ReadDials = Arc<dyn Fn() -> BandDials + Send + Sync>;

/// The band as a client sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BandView {
    /// The chord that sounds, as it is written in the key.
    pub chord: Option<String>,
    /// Chords of the present bar and those after it, as far as they are known or expected: first beat in quarter notes
    /// of the host, symbol (`N.C.` for none).
    pub chords: Vec<(f64, String)>,
}

/// What the studio tells the thread.
enum BandMessage {
    Attach(Box<BandHandle>, SampleRate),
    Detach,
    Session(BandSession),
    ReloadStyles,
    Quit,
}

/// What a project remembers of the band.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct BandSession {
    pub(crate) chords: String,
    pub(crate) user_style: Option<StyleId>,
}

/// What the thread tells the studio.
#[derive(Debug, Default)]
struct Board {
    view: BandView,
    said: Vec<String>,
}

/// The studio's end. Dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct BandThread {
    messages: Sender<BandMessage>,
    board: Arc<Mutex<Board>>,
    thread: Option<JoinHandle<()>>,
    session: BandSession,
}

impl BandThread {
    /// Starts the thread; without one there is no band, and everything else works.
    pub(crate) fn start(config_dir: PathBuf, dials: ReadDials) -> Self {
        let (messages, inbox) = unbounded();
        let board = Arc::new(Mutex::new(Board::default()));
        let worker = Worker {
            config_dir,
            dials,
            board: board.clone(),
            session: BandSession::default(),
            link: None,
            band: None,
            leaving: Vec::new(),
            num_fills: None,
            shown: None,
        };
        let thread = thread::Builder::new().name("continuo-band".to_owned()).spawn(move || worker.run(&inbox));
        Self { messages, board, thread: thread.ok(), session: BandSession::default() }
    }

    pub(crate) fn attach(&self, handle: BandHandle, rate: SampleRate) {
        self.tell(BandMessage::Attach(Box::new(handle), rate));
    }

    pub(crate) fn detach(&self) {
        self.tell(BandMessage::Detach);
    }

    pub(crate) fn reload_styles(&self) {
        self.tell(BandMessage::ReloadStyles);
    }

    /// Hands the session over where it has changed.
    pub(crate) fn follow(&mut self, session: BandSession) {
        if session != self.session {
            self.session = session.clone();
            self.tell(BandMessage::Session(session));
        }
    }

    /// What the band shows, and its sentences since the last call.
    pub(crate) fn look(&self) -> (BandView, Vec<String>) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        (board.view.clone(), std::mem::take(&mut board.said))
    }

    fn tell(&self, message: BandMessage) {
        // The thread could not be started, or has ended: there is no band.
        drop(self.messages.send(message));
    }
}

impl Drop for BandThread {
    fn drop(&mut self) {
        self.tell(BandMessage::Quit);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

struct Worker {
    config_dir: PathBuf,
    dials: ReadDials,
    board: Arc<Mutex<Board>>,
    session: BandSession,
    link: Option<(BandHandle, SampleRate)>,
    /// Made when the band is first switched on.
    band: Option<Accompanist>,
    /// Bands that no longer play, kept while the engine holds sounds of theirs.
    leaving: Vec<Accompanist>,
    num_fills: Option<u32>,
    shown: Option<(i64, bool)>,
}

impl Worker {
    fn run(mut self, inbox: &Receiver<BandMessage>) {
        loop {
            let pace = if self.band.is_some() { PLAYING_PACE } else { RESTING_PACE };
            let first = match inbox.recv_timeout(pace) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // All of them: an engine must not be answered with the session of a moment ago.
            for message in first.into_iter().chain(inbox.try_iter()) {
                if matches!(message, BandMessage::Quit) {
                    return;
                }
                self.obey(message);
            }
            // Out here, so that a panic in the round does not take it along.
            let mut link = self.link.take();
            let round = catch_unwind(AssertUnwindSafe(|| self.round(link.as_mut())));
            self.link = link.filter(|(handle, _)| !handle.is_abandoned());
            if round.is_err() {
                self.band = None;
                self.say("Something in the live band broke; it starts again.".to_owned());
            }
        }
    }

    fn obey(&mut self, message: BandMessage) {
        match message {
            BandMessage::Attach(handle, rate) => {
                self.link = Some((*handle, rate));
                self.band = None;
            }
            BandMessage::Detach => {
                self.link = None;
                self.band = None;
            }
            BandMessage::Session(session) => self.session = session,
            // The engine may hold its sounds for a while yet.
            BandMessage::ReloadStyles => self.leaving.extend(self.band.take()),
            BandMessage::Quit => {}
        }
    }

    /// Hears what there is, answers, shows.
    fn round(&mut self, link: Option<&mut (BandHandle, SampleRate)>) {
        let dials = (self.dials)();
        let Some((handle, rate)) = link else { return };
        while handle.retired().is_some() {}
        self.leaving.retain(|band| !band.is_unused());
        if dials.is_on {
            self.play(handle, *rate, &dials);
        } else {
            self.rest(handle);
        }
    }

    /// Switched off: hears nothing, and the engine gives back what it holds.
    fn rest(&mut self, handle: &mut BandHandle) {
        while handle.hear().is_some() {}
        if let Some(band) = self.band.take() {
            self.leaving.push(band);
            let silence =
                LiveSection { start: -FOREVER_BEATS, end: FOREVER_BEATS, cuts: [true; 5], ..Default::default() };
            send_all(handle, vec![silence]);
            self.shown = None;
            self.board.lock().unwrap_or_else(PoisonError::into_inner).view = BandView::default();
        }
    }

    fn play(&mut self, handle: &mut BandHandle, rate: SampleRate, dials: &BandDials) {
        let mut band = self.band.take().unwrap_or_else(|| {
            self.num_fills = None;
            Accompanist::new(Arc::new(StyleBook::load(&self.config_dir)), rate)
        });
        send_all(handle, band.set(&self.settings(dials)));
        if self.num_fills.is_some_and(|fills| fills != dials.num_fills) {
            band.fill();
        }
        self.num_fills = Some(dials.num_fills);
        hear_sound(&mut band, handle);
        for _ in 0..MAX_HEARD {
            let Some(heard) = handle.hear() else { break };
            let (sections, answer, place) = match heard {
                Heard::NoteOn { beat, key, velocity } => {
                    band.note(beat, key, velocity);
                    continue;
                }
                Heard::NoteOff { beat, key } => {
                    band.note(beat, key, 0);
                    continue;
                }
                Heard::Placed { number, place, is_jump } => (band.placed(&place, is_jump), number, place),
                Heard::Tick { number, beat, place } => {
                    hear_sound(&mut band, handle);
                    (band.tick(beat, &place), number, place)
                }
            };
            send_all(handle, sections);
            // A full ring: the engine takes no orders, and nobody waits for the answer.
            drop(handle.send(BandOrder::Done(answer)));
            self.show(&band, &place);
        }
        band.said().into_iter().for_each(|sentence| self.say(sentence));
        self.band = Some(band);
    }

    fn settings(&self, dials: &BandDials) -> BandSettings {
        let user = || self.session.user_style.clone().unwrap_or_else(|| StyleId::built_in(0));
        let style = if dials.style < BUILT_IN_STYLES.len() { StyleId::built_in(dials.style) } else { user() };
        BandSettings {
            style,
            source: dials.source,
            is_locked: dials.is_locked,
            chords: self.session.chords.clone(),
            intensity: dials.intensity,
            complexity: dials.complexity,
            humanise: dials.humanise,
            swing: dials.swing,
            key: dials.key.map(|tonic| (tonic, dials.scale.unwrap_or(Scale::Major))),
            seed: BandSettings::default().seed,
        }
    }

    /// Once a beat, and when the transport starts or stops.
    fn show(&mut self, band: &Accompanist, place: &LivePlace) {
        let now = (place.beat.floor() as i64, place.is_playing);
        if self.shown == Some(now) {
            return;
        }
        self.shown = Some(now);
        let bar_beats = f64::from(place.meter.0.max(1)) * 4.0 / f64::from(place.meter.1.max(1));
        let bar = ((place.beat - place.bar_origin) / bar_beats).floor() * bar_beats + place.bar_origin;
        let line = band.chords(bar, bar + SHOWN_BARS * bar_beats);
        let key = band.key_of(&line);
        let symbol = |chord: Option<Chord>| chord.map_or("N.C.".to_owned(), |chord| chord.symbol(&key));
        let chords = line.iter().map(|at: &ChordAt| (at.start.0.max(bar), symbol(at.chord))).collect();
        let chord = band.chord_at(place.beat).map(|chord| chord.symbol(&key));
        self.board.lock().unwrap_or_else(PoisonError::into_inner).view = BandView { chord, chords };
    }

    fn say(&self, sentence: String) {
        self.board.lock().unwrap_or_else(PoisonError::into_inner).said.push(sentence);
    }
}

fn hear_sound(band: &mut Accompanist, handle: &mut BandHandle) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        while left.len() < SOUND_FRAMES
            && let Some([l, r]) = handle.hear_sound()
        {
            left.push(l);
            right.push(r);
        }
        if left.is_empty() {
            return;
        }
        band.sound(&left, &right);
    }
}

fn send_all(handle: &mut BandHandle, sections: Vec<LiveSection>) {
    for section in sections {
        // A full ring: the engine takes no orders. What it misses is composed again when it speaks again.
        drop(handle.send(BandOrder::Play(Box::new(section))));
    }
}

/// What is wrong with a chord line in 4/4, for people; `None` where it can be read or is empty.
pub(crate) fn problem_of(chords: &str) -> Option<String> {
    if chords.trim().is_empty() {
        return None;
    }
    theory::parse_chord_line(chords, Beats(4.0)).err().map(|error| format!("The chord line cannot be read: {error}."))
}
