//! An audio file becomes a take: heard, cut to whole bars, looped.
//!
//! Nothing is separated: the whole mix is one stem. MIDI files: `midi_take`.
use crate::perfect_loop::{LoopSource, PerfectLoop, PerfectLoopError, whole_bars};
use crate::straight_resample::StraightResampler;
use crate::{CancelToken, Cancelled, Progress, ResampleError, perfect_loop};
use library::{AudioFile, AudioReadError};
use listen::{Analysis, AudioEar};
use std::path::Path;
use take::{BarCount, Beats, Bpm, Meter, SampleRate, StyleId, TakeSpec};

/// Who makes these takes, and the version that decides their bits.
const ENGINE: &str = "import/1";
/// A file is listened to for so long, in seconds, from where the loop may begin: ten minutes.
const HEARD_S: f64 = 600.0;
/// Kept beside the bars that are wanted, in seconds, for the seam and for finding the first bar.
const MARGIN_S: f64 = 2.0;
/// Tempo of music that has none.
const FREE_BPM: f64 = 120.0;
/// Tempi that are less clear than this are not believed.
const CLEAR: f32 = 0.25;
/// Characters of a file's name that are kept.
const MAX_NAME_CHARS: usize = 80;

/// Which of the tempi that a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ImportTempo {
    /// The likeliest.
    #[default]
    Found,
    /// Half of it: bars are twice as long.
    Half,
    /// Twice as fast: bars are half as long.
    Double,
    /// Near this one.
    Near(Bpm),
}

/// What shall become of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioImport {
    /// Style that the take is filed under.
    pub style: StyleId,
    /// `None` is as many whole bars as there are, 32 at most.
    pub bars: Option<BarCount>,
    /// Which tempo the file has.
    pub tempo: ImportTempo,
    /// Tempo of the take; `None` is the file's own, and nothing is stretched.
    pub play_at: Option<Bpm>,
    /// Where in the file the loop may begin, in seconds; 0.0 is its start.
    pub from_s: f64,
}

impl AudioImport {
    /// All of a file at its own tempo.
    pub fn new(style: StyleId) -> Self {
        Self { style, bars: None, tempo: ImportTempo::Found, play_at: None, from_s: 0.0 }
    }
}

/// A take, and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct AudioTake {
    /// The loop.
    pub made: PerfectLoop,
    /// What was heard in the file, ten minutes of it at most.
    pub heard: Analysis,
    /// Tempi that it may have as well, BPM: half, double, others. [`ImportTempo::Near`] takes one.
    pub alternatives_bpm: Vec<f64>,
    /// A sentence each: what was wrong with the file, what is a guess, what was left out.
    pub remarks: Vec<String>,
}

/// Why a file does not become a take.
#[derive(Debug, thiserror::Error)]
pub enum AudioImportError {
    /// The owner changed its mind.
    #[error("cancelled")]
    Cancelled,
    /// The file is refused.
    #[error(transparent)]
    Read(#[from] AudioReadError),
    /// No loop can be made of it.
    #[error("{name} cannot become a loop: {source}")]
    Loop {
        /// The file's name.
        name: String,
        /// Why.
        source: PerfectLoopError,
    },
    /// A rate that is refused.
    #[error(transparent)]
    Resample(ResampleError),
}

impl From<Cancelled> for AudioImportError {
    fn from(_: Cancelled) -> Self {
        AudioImportError::Cancelled
    }
}

impl From<ResampleError> for AudioImportError {
    fn from(error: ResampleError) -> Self {
        match error {
            ResampleError::Cancelled(_) => AudioImportError::Cancelled,
            error => AudioImportError::Resample(error),
        }
    }
}

/// What a whole audio file is; memory does not grow with the file but for some kilobytes a second. Disk work.
///
/// # Errors
/// `Cancelled`, `Read`.
pub fn analyse_file(
    path: &Path,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<(Analysis, Vec<String>), AudioImportError> {
    progress.report(0.0, "listening");
    let mut file = AudioFile::open(path)?;
    let heard = listen_to(&mut file, 0.0, f64::INFINITY, cancel)?;
    Ok((heard, file.remarks()))
}

/// Makes a take of an audio file at `rate`. Disk work; the same file and wishes give the same take.
///
/// # Errors
/// [`AudioImportError`]; nothing is left behind.
pub fn import_audio(
    path: &Path,
    wanted: &AudioImport,
    rate: SampleRate,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<AudioTake, AudioImportError> {
    progress.report(0.0, "listening");
    let from_s = if wanted.from_s.is_finite() { wanted.from_s.max(0.0) } else { 0.0 };
    let mut file = AudioFile::open(path)?;
    let heard = listen_to(&mut file, from_s, HEARD_S, cancel)?;
    let mut remarks = file.remarks();
    let plan = Bars::of(&heard, wanted, &mut remarks);
    let name = name_of(path);
    let refused = |source| match source {
        PerfectLoopError::Cancelled => AudioImportError::Cancelled,
        source => AudioImportError::Loop { name: name.clone(), source },
    };
    let (tempo, bars) = plan.checked(&heard).map_err(refused)?;
    progress.report(0.4, "reading");
    let [left, right] = read_section(path, from_s, plan.section_s(&heard, bars), rate, cancel)?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    let spec = TakeSpec {
        prompt: format!("imported from {}", shortened(&file_name)),
        meter: Meter::FOUR_FOUR,
        bars,
        ..TakeSpec::new(wanted.style.clone(), wanted.play_at.unwrap_or(tempo), 1)
    };
    let source = LoopSource { left: &left, right: &right, rate, name: &name, engine: ENGINE, near_tempo: Some(tempo) };
    let made = perfect_loop(&source, &spec, rate, progress, cancel).map_err(refused)?;
    let alternatives_bpm = heard.tempo.as_ref().map(|tempo| tempo.alternatives_bpm.clone()).unwrap_or_default();
    Ok(AudioTake { made, heard, alternatives_bpm, remarks })
}

/// The bars of a file as it was heard.
struct Bars {
    bpm: f64,
    num_bars: f64,
    wanted: Option<BarCount>,
    first_bar_s: f64,
}

impl Bars {
    fn of(heard: &Analysis, wanted: &AudioImport, remarks: &mut Vec<String>) -> Self {
        let bar_beats = Meter::FOUR_FOUR.bar_beats().0;
        let clear = heard.tempo.as_ref().filter(|tempo| tempo.confidence >= CLEAR);
        let seconds = heard.seconds();
        let found_bpm = clear.map_or_else(|| free_bpm(seconds, bar_beats), |tempo| tempo.bpm);
        if clear.is_none() {
            remarks.push(format!("no clear beat was found in it; it is taken as {found_bpm:.1} BPM by its length"));
        }
        let near_bpm = match wanted.tempo {
            ImportTempo::Found => found_bpm,
            ImportTempo::Half => 0.5 * found_bpm,
            ImportTempo::Double => 2.0 * found_bpm,
            ImportTempo::Near(bpm) => bpm.get(),
        };
        let (bpm, whole) = whole_bars(heard, Beats(bar_beats), near_bpm);
        let first_bar_s = if whole.is_some() { 0.0 } else { heard.first_downbeat_s.unwrap_or(0.0) };
        let bars_in = |seconds: f64| seconds * bpm / 60.0 / bar_beats;
        // One bar that does not begin on a beat is a bar.
        let num_bars = bars_in(seconds - first_bar_s).max(bars_in(seconds).min(1.0));
        Self { bpm, num_bars: whole.map_or(num_bars, f64::from), wanted: wanted.bars, first_bar_s }
    }

    /// Tempo and bars within what a take can have.
    fn checked(&self, heard: &Analysis) -> Result<(Bpm, BarCount), PerfectLoopError> {
        let bar_s = Meter::FOUR_FOUR.bar_beats().0 * 60.0 / self.bpm;
        let too_short = || PerfectLoopError::TooShort { seconds: heard.seconds(), bpm: self.bpm, bar_s };
        let bpm = Bpm::new(self.bpm).map_err(|_| too_short())?;
        let fitting = (TakeSpec::MAX_SECONDS / bar_s).clamp(1.0, BarCount::MAX as f64);
        // A last bar that lacks a moment of its end is a bar.
        let there = BarCount::new((self.num_bars + 0.03).min(fitting) as i64).map_err(|_| too_short())?;
        Ok((bpm, self.wanted.unwrap_or(there)))
    }

    /// How much has to be read.
    fn section_s(&self, heard: &Analysis, bars: BarCount) -> f64 {
        let wanted = self.first_bar_s + f64::from(bars.get() + 1) * 4.0 * 60.0 / self.bpm + MARGIN_S;
        // All of a file that is hardly longer: whether it is a loop is seen by its length.
        if heard.seconds() < 1.5 * wanted { heard.seconds() + 1.0 } else { wanted }
    }
}

/// A tempo near 120 at which so many seconds are whole bars.
fn free_bpm(seconds: f64, bar_beats: f64) -> f64 {
    let bars = (seconds * FREE_BPM / 60.0 / bar_beats).round().max(1.0);
    if bars > BarCount::MAX as f64 { FREE_BPM } else { bars * bar_beats * 60.0 / seconds.max(1e-3) }
}

fn listen_to(
    file: &mut AudioFile,
    from_s: f64,
    most_s: f64,
    cancel: &CancelToken,
) -> Result<Analysis, AudioImportError> {
    let mut ear = AudioEar::new(file.rate());
    each_block(file, from_s, most_s, cancel, &mut |left, right| {
        ear.push(left, right);
        Ok(())
    })?;
    Ok(ear.finish())
}

fn read_section(
    path: &Path,
    from_s: f64,
    most_s: f64,
    rate: SampleRate,
    cancel: &CancelToken,
) -> Result<[Vec<f32>; 2], AudioImportError> {
    let mut file = AudioFile::open(path)?;
    let mut resamplers = [StraightResampler::new(file.rate(), rate)?, StraightResampler::new(file.rate(), rate)?];
    let mut out = [Vec::new(), Vec::new()];
    each_block(&mut file, from_s, most_s, cancel, &mut |left, right| {
        for ((resampler, out), channel) in resamplers.iter_mut().zip(&mut out).zip([left, right]) {
            resampler.push(channel, out)?;
        }
        Ok(())
    })?;
    for (resampler, out) in resamplers.into_iter().zip(&mut out) {
        resampler.finish(out)?;
    }
    Ok(out)
}

/// Who gets the frames: left and right.
type Taking<'a> = dyn FnMut(&[f32], &[f32]) -> Result<(), ResampleError> + 'a;

/// Hands over the frames from `from_s` on, `most_s` seconds at most.
fn each_block(
    file: &mut AudioFile,
    from_s: f64,
    most_s: f64,
    cancel: &CancelToken,
    take: &mut Taking<'_>,
) -> Result<(), AudioImportError> {
    let hz = f64::from(file.rate().get());
    let (mut skipped, mut left_over) = ((from_s * hz) as u64, (most_s * hz) as u64);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    while left_over > 0 && file.next(&mut left, &mut right)? {
        cancel.check()?;
        let from = skipped.min(left.len() as u64) as usize;
        skipped -= from as u64;
        let to = left.len().min(from + left_over.min(1 << 32) as usize);
        left_over -= (to - from) as u64;
        take(&left[from..to], &right[from..to])?;
    }
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_stem().map_or_else(|| "Audio".to_owned(), |name| shortened(&name.to_string_lossy()))
}

fn shortened(name: &str) -> String {
    name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX_NAME_CHARS).collect()
}
