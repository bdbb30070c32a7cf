//! `continuo separate`: an audio file into stems.
use crate::failure::Failure;
use crate::generate::{Console, failure_of_library};
use crate::progress_bar::with_bar;
use clap::{Args, ValueEnum};
use jobs::{CancelToken, Progress, SeparateBy, SeparatedStem, SeparationError, SeparationSource, separate_audio};
use library::AudioFile;
use models::RuntimeSearch;
use std::path::{Path, PathBuf};
use take::SampleRate;

/// The mix, its stems and what the work needs lie in memory: some 3 GB for so much audio at 48 kHz.
const MAX_MINUTES: f64 = 20.0;

/// Who separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeparateEngine {
    /// Needs no model: drums, bass, harmony, melody
    Builtin,
    /// A Demucs v4 model of yours, see `continuo models`: drums, bass, harmony, vocals
    Htdemucs,
    /// An MDX-Net model of yours for the voice it knows, the built-in separator for the rest
    Mdx,
}

/// `continuo separate`. The same file and arguments give the same bytes.
#[derive(Debug, Args)]
pub(crate) struct SeparateArgs {
    /// WAV, AIFF, FLAC, MP3, Ogg Vorbis or M4A file to take apart
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Folder to write a WAV file for every stem to; made if need be
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Who separates
    #[arg(long, value_name = "ENGINE", default_value = "builtin")]
    pub engine: SeparateEngine,
    /// Model file or folder for htdemucs and mdx [default: the first such model among the installed ones]
    #[arg(long, value_name = "PATH")]
    pub model: Option<PathBuf>,
    /// The file is a loop: its end goes over into its beginning, and so do the stems
    #[arg(long = "loop")]
    pub is_loop: bool,
}

/// Writes the stems; they add up to the file. On any failure the output folder is as it was.
///
/// # Errors
/// [`Failure`], one line each.
pub(crate) fn separate(
    args: &SeparateArgs,
    data_dir: &Path,
    cancel: &CancelToken,
    console: Console,
) -> Result<(), Failure> {
    let by = chosen(args, data_dir)?;
    let mut terminal = console.terminal;
    let work = |progress: &Progress| {
        let audio = read(&args.input, cancel)?;
        let stems = part(&audio, args.is_loop, &by, progress, cancel)?;
        Ok::<_, Failure>((audio, stems))
    };
    let (audio, stems) = match &mut terminal {
        Some(terminal) => with_bar(*terminal, work),
        None => work(&Progress::default()),
    }?;
    cancel.check().map_err(|_| Failure::Cancelled)?;
    let clips: Vec<_> = stems.iter().map(|stem| (stem.name, &stem.clip)).collect();
    let files = library::export_clips(&args.out, audio.rate, &clips).map_err(failure_of_library)?;
    for file in files {
        // A closed pipe is no failure of the separation.
        writeln!(console.out, "{}", file.display()).ok();
    }
    if let Some(terminal) = terminal {
        audio.remarks.iter().for_each(|remark| drop(writeln!(terminal, "{remark}")));
    }
    Ok(())
}

fn chosen(args: &SeparateArgs, data_dir: &Path) -> Result<SeparateBy, Failure> {
    match (args.engine, &args.model) {
        (SeparateEngine::Builtin, None) => Ok(SeparateBy::BuiltIn),
        (SeparateEngine::Builtin, Some(_)) => Err(Failure::Usage(
            "--model goes with --engine htdemucs or mdx; the built-in separator needs none".to_owned(),
        )),
        (SeparateEngine::Htdemucs, Some(path)) => {
            Ok(SeparateBy::Demucs { runtime: RuntimeSearch::of_system(None, data_dir), path: path.clone() })
        }
        (SeparateEngine::Mdx, Some(path)) => {
            Ok(SeparateBy::Mdx { runtime: RuntimeSearch::of_system(None, data_dir), path: path.clone() })
        }
        (SeparateEngine::Mdx, None) => SeparateBy::mdx_in(data_dir).ok_or_else(|| {
            let help = "`continuo models add UVR-MDX-NET-Inst_HQ_3.onnx` takes one in, --model PATH names another";
            Failure::Failed(format!("no MDX-Net model is installed; {help}"))
        }),
        (SeparateEngine::Htdemucs, None) => SeparateBy::demucs_in(data_dir).ok_or_else(|| {
            let help = "`continuo models add htdemucs.onnx` takes one in, --model PATH names another";
            Failure::Failed(format!("no Demucs model is installed; {help}"))
        }),
    }
}

struct Audio {
    left: Vec<f32>,
    right: Vec<f32>,
    rate: SampleRate,
    remarks: Vec<String>,
}

fn read(path: &Path, cancel: &CancelToken) -> Result<Audio, Failure> {
    let failed = |error: library::AudioReadError| Failure::Failed(error.to_string());
    let mut file = AudioFile::open(path).map_err(failed)?;
    let rate = file.rate();
    let max_frames = (MAX_MINUTES * 60.0 * f64::from(rate.get())) as usize;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut next_left, mut next_right) = (Vec::new(), Vec::new());
    while file.next(&mut next_left, &mut next_right).map_err(failed)? {
        cancel.check().map_err(|_| Failure::Cancelled)?;
        left.append(&mut next_left);
        right.append(&mut next_right);
        if left.len() > max_frames {
            let path = path.display();
            return Err(Failure::Failed(format!(
                "{path} is longer than {MAX_MINUTES} minutes; cut it into pieces first"
            )));
        }
    }
    Ok(Audio { left, right, rate, remarks: file.remarks() })
}

fn part(
    audio: &Audio,
    is_loop: bool,
    by: &SeparateBy,
    progress: &Progress,
    cancel: &CancelToken,
) -> Result<Vec<SeparatedStem>, Failure> {
    let source = SeparationSource { left: &audio.left, right: &audio.right, rate: audio.rate, is_loop };
    separate_audio(&source, by, progress, cancel).map_err(|error| match error {
        SeparationError::Cancelled => Failure::Cancelled,
        error => Failure::Failed(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use take::AudioClip;

    fn args(input: PathBuf, out: PathBuf) -> SeparateArgs {
        SeparateArgs { input, out, engine: SeparateEngine::Builtin, model: None, is_loop: false }
    }

    fn run(args: &SeparateArgs) -> Result<String, Failure> {
        let mut out = Vec::new();
        let console = Console { out: &mut out, terminal: None };
        separate(args, Path::new("/no data"), &CancelToken::default(), console)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_stems_of_a_file_add_up_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let tone = |hz: f32| (0..9_000).map(|n| 0.3 * (n as f32 * hz / 7_000.0).sin()).collect();
        let clip = AudioClip { left: tone(440.0), right: tone(60.0) };
        let file = library::export_clips(dir.path(), SampleRate::DEFAULT, &[("in", &clip)]).unwrap().remove(0);
        let printed = run(&args(file.clone(), dir.path().join("out"))).unwrap();
        let names: Vec<_> = printed.lines().map(|line| Path::new(line).file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["drums.wav", "bass.wav", "harmony.wav", "melody.wav"]);
        let mut sum = [0.0_f64; 9_000];
        for line in printed.lines() {
            let stem = read(Path::new(line), &CancelToken::default()).unwrap();
            sum.iter_mut().zip(&stem.left).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        let mix = read(&file, &CancelToken::default()).unwrap();
        assert!(sum.iter().zip(&mix.left).all(|(sum, value)| *sum == f64::from(*value)));
    }

    #[test]
    fn what_is_missing_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let nowhere = args(dir.path().join("nowhere.wav"), dir.path().join("out"));
        assert!(matches!(run(&nowhere), Err(Failure::Failed(said)) if said.contains("nowhere.wav")));
        let no_model = SeparateArgs { engine: SeparateEngine::Htdemucs, ..nowhere };
        assert!(matches!(run(&no_model), Err(Failure::Failed(said)) if said.contains("continuo models add")));
        let two = SeparateArgs { engine: SeparateEngine::Builtin, model: Some("x".into()), ..no_model };
        assert!(matches!(run(&two), Err(Failure::Usage(_))));
        assert!(!dir.path().join("out").exists());
    }
}
