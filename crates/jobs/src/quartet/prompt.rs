//! What the model is told.
use super::SectionRequest;
use composer::tracker::{Pattern, Spelling, Voice};
use std::fmt::Write;
use take::ChordSpan;

/// Longest extra words in characters; what is beyond is not sent.
pub const MAX_EXTRA_CHARS: usize = 2000;
/// Most steps of context: four bars of 4/4.
pub const MAX_CONTEXT_STEPS: usize = 64;

/// How the model is asked to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PromptStyle {
    /// A club quartet.
    #[default]
    Default,
    /// Free: clusters, silence, odd groupings.
    Experimental,
}

impl PromptStyle {
    /// Both, in the permanent order of settings.
    pub const ALL: [PromptStyle; 2] = [PromptStyle::Default, PromptStyle::Experimental];

    /// Permanent id: `default`, `experimental`.
    pub fn id(self) -> &'static str {
        match self {
            PromptStyle::Default => "default",
            PromptStyle::Experimental => "experimental",
        }
    }

    fn words(self) -> &'static str {
        match self {
            PromptStyle::Default => {
                "Play like a seasoned club quartet. The bass walks in quarters with approach notes into every chord. The \
                 drummer keeps the ride and the pedal hat on two and four, and comments on snare and kick. The piano \
                 comps rootless voicings of three or four notes in short off-beat rhythms and leaves room. The sax \
                 tells one story: motifs that come back changed, breaths between phrases, chord tones on strong beats, \
                 tension before they resolve."
            }
            PromptStyle::Experimental => {
                "Take risks. Groups of three, five and seven against the bar, wide leaps, clusters, notes outside the \
                 chord that resolve late or never, sudden silence, voices that swap roles: the bass may sing, the \
                 piano may drum, the kit may whisper. Let the four listen to each other: every surprise gets an \
                 answer. Never fall into one pattern for two bars."
            }
        }
    }
}

const FORMAT: &str = "\
You write for a jazz quartet (double bass, drums, piano, tenor sax) in tracker text and answer with nothing else: no \
greeting, no explanation, no code fence.
The format: four headers on lines of their own, BASS, DRUMS, PIANO, SAX, in this order. Under each header one line for \
each sixteenth note, exactly as many as asked for. A line is one of
  a note with its velocity 1 to 127: C2:90
  a chord, notes parted by commas: E3:60,G3:62,Bb3:58
  a rest: .
  a tie that lets the last note or chord sound on: ^
Write straight sixteenths: swing is added when it is played. C4 is middle C.
Ranges: BASS E1 to G3, PIANO C3 to C6, SAX Ab2 to E5 (sounding pitch).
DRUMS: C2 kick, D2 snare, C#2 rim, F#2 closed hat, G#2 pedal hat, A#2 open hat, D#3 ride, F3 ride bell, C#3 crash, \
A2 low tom, C3 mid tom, D3 high tom.";

/// What is sent as the system's and as the user's message.
pub(super) struct Messages {
    pub system: String,
    pub user: String,
}

pub(super) fn messages(
    style: PromptStyle,
    extra_words: &str,
    request: &SectionRequest<'_>,
    context: Option<&str>,
) -> Messages {
    let system = format!("{FORMAT}\n{}", style.words());
    let mut user = String::with_capacity(1024);
    let (bpm, num_bars) = (request.tempo.get(), request.num_bars);
    // Writing to a String cannot fail.
    writeln!(user, "Tempo {bpm} BPM, meter {}, key {}.", request.meter, request.key.short_name()).ok();
    let chords = chord_line(request.chords, request.meter.bar_beats().0, num_bars);
    if !chords.is_empty() {
        writeln!(user, "Chords, bars parted by |, with the beat they start on: {chords}").ok();
    }
    let extra = plain(extra_words);
    if !extra.is_empty() {
        writeln!(user, "Also: {extra}").ok();
    }
    if let Some(context) = context {
        writeln!(user, "This was played last:\n{context}Go on from there without repeating it.").ok();
    }
    let num_lines = num_bars * steps_per_bar(request);
    write!(user, "Write the next {num_bars} bars: exactly {num_lines} lines under each of the four headers.").ok();
    Messages { system, user }
}

/// The last steps of what was played; `None` at the start, or if no context is wanted.
pub(super) fn context(history: &Pattern, num_steps: usize) -> Option<String> {
    let end = history.num_steps();
    let start = end.saturating_sub(num_steps.min(MAX_CONTEXT_STEPS));
    (start < end).then(|| history.print_steps(start..end, Spelling::Flats))
}

fn steps_per_bar(request: &SectionRequest<'_>) -> usize {
    Pattern::silent(request.meter, 1).lane(Voice::Bass).len()
}

/// `1 Dm7, 3 G7 | 1 Cmaj7`.
fn chord_line(chords: &[ChordSpan], bar_beats: f64, num_bars: usize) -> String {
    let bars = (0..num_bars).map(|bar| {
        let (from, to) = (bar as f64 * bar_beats, (bar + 1) as f64 * bar_beats);
        let sounds = |chord: &&ChordSpan| chord.start.0 < to - 1e-9 && chord.start.0 + chord.duration.0 > from + 1e-9;
        let named = |chord: &ChordSpan| {
            let beat = (chord.start.0.max(from) - from) + 1.0;
            format!("{} {}", (beat * 100.0).round() / 100.0, plain(&chord.symbol))
        };
        chords.iter().filter(sounds).map(named).collect::<Vec<_>>().join(", ")
    });
    let bars: Vec<String> = bars.collect();
    if bars.iter().all(String::is_empty) { String::new() } else { bars.join(" | ") }
}

/// One line of at most [`MAX_EXTRA_CHARS`].
fn plain(words: &str) -> String {
    let letters = words.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    letters.take(MAX_EXTRA_CHARS).collect::<String>().trim().to_owned()
}
