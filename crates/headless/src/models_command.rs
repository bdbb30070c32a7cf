//! `continuo models`: the library that runs models, and the folder they lie in.
use crate::failure::Failure;
use clap::Subcommand;
use models::store::{AddBy, Kind, ModelStore, StoreError, StoredModel};
use models::{FetchError, ModelError, RunControl, Runtime, RuntimeSearch, basic_pitch, demucs, mdx, midi_model};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to do with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Say which ONNX Runtime is found, and open every model
    Doctor,
    /// List the models that are there
    List,
    /// Take a model file or folder in
    Add {
        /// An .onnx file, or a folder of them
        path: PathBuf,
        /// Its name here [default: the file's or folder's]
        #[arg(long)]
        name: Option<String>,
        /// Point to it instead of copying it; it must stay where it is
        #[arg(long)]
        link: bool,
    },
    /// Take a model out; the original of a link stays
    Remove {
        /// A name of `models list`
        name: String,
    },
    /// Install ONNX Runtime with the Python on the PATH
    FetchRuntime,
    /// Install Basic Pitch, which hears notes in audio, with the Python on the PATH
    FetchBasicPitch,
}

/// Runs it on the data folder.
///
/// # Errors
/// [`Failure`]; a doctor who finds something broken is one.
pub(crate) fn models_command(command: &ModelsCommand, data_dir: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let store = ModelStore::new(data_dir);
    let search = RuntimeSearch::of_system(None, data_dir);
    match command {
        ModelsCommand::Doctor => doctor(&store, &search, out),
        ModelsCommand::List => {
            list(&store, out);
            Ok(())
        }
        ModelsCommand::Add { path, name, link } => {
            let by = if *link { AddBy::Link } else { AddBy::Copy };
            let added = store.add(path, name.as_deref(), by).map_err(|error| failure_of(&error))?;
            say(out, &line_of(&added));
            Ok(())
        }
        ModelsCommand::Remove { name } => store.remove(name).map_err(|error| failure_of(&error)),
        ModelsCommand::FetchRuntime => fetched(models::fetch_runtime(&search, data_dir), "ONNX Runtime", out),
        ModelsCommand::FetchBasicPitch => fetched(models::fetch_basic_pitch(&search, data_dir), "Basic Pitch", out),
    }
}

fn fetched(folder: Result<PathBuf, FetchError>, what: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let folder = folder.map_err(|error| Failure::Failed(error.to_string()))?;
    say(out, &format!("{what} is in {}", folder.display()));
    Ok(())
}

fn list(store: &ModelStore, out: &mut dyn Write) {
    let models = store.list();
    if models.is_empty() {
        say(out, &format!("no models in {}; `continuo models add FILE` takes one in", store.dir().display()));
    }
    for model in models {
        say(out, &line_of(&model));
    }
}

fn doctor(store: &ModelStore, search: &RuntimeSearch, out: &mut dyn Write) -> Result<(), Failure> {
    let runtime = Runtime::find(search).map_err(|error| Failure::Failed(error.to_string()))?;
    let library = runtime.library();
    say(out, &format!("library       {}", library.file.display()));
    say(out, &format!("build         {}", library.build));
    say(out, &format!("threads       {}", runtime.settings().num_threads));
    let accelerators = runtime.accelerators();
    let accelerators = if accelerators.is_empty() { "none".to_owned() } else { accelerators.join(", ") };
    say(out, &format!("accelerators  {accelerators}"));
    let mut num_broken = 0;
    for model in store.list() {
        let verdict = match opened(&runtime, &model) {
            Ok(what) => what,
            Err(error) => {
                num_broken += 1;
                format!("BROKEN: {error}")
            }
        };
        say(out, &format!("{}  {verdict}", line_of(&model)));
    }
    match basic_pitch::installed(search) {
        Some(model) => say(out, &format!("notes         heard by {}", model.display())),
        None => say(out, "notes         not heard: `continuo models fetch-basic-pitch` gets Basic Pitch"),
    }
    if num_broken > 0 {
        return Err(Failure::Failed(format!("{num_broken} of the models cannot be used")));
    }
    Ok(())
}

/// Opens a model as what it is; a word on what it offers.
fn opened(runtime: &Runtime, model: &StoredModel) -> Result<String, ModelError> {
    let control = RunControl::detached();
    let as_demucs = || demucs::Separator::open(runtime, &model.path, &control);
    let as_mdx = || mdx::Separator::open(runtime, &model.path, None, &control);
    match model.kind {
        Kind::Demucs => Ok(as_demucs()?.stem_names().join(" ")),
        Kind::Mdx => Ok(as_mdx()?.stem_names().join(" ")),
        Kind::MusicGen => {
            let opened = models::musicgen::MusicGen::open(runtime, &model.path)?;
            Ok(format!("{} channels at {} Hz", opened.num_channels(), opened.rate_hz()))
        }
        Kind::MidiModel => {
            let opened = midi_model::MidiModel::open(runtime, &model.path)?;
            Ok(format!("notes, tokenizer {}", opened.version()))
        }
        Kind::BasicPitch => basic_pitch::BasicPitch::open(runtime, &model.path).map(|_| "notes from audio".to_owned()),
        // By its shapes; what it is not is told by the likelier of the two.
        Kind::Unknown => match (as_demucs(), as_mdx()) {
            (Ok(found), _) => Ok(format!("Demucs: {}", found.stem_names().join(" "))),
            (_, Ok(found)) => Ok(format!("MDX-Net: {}", found.stem_names().join(" "))),
            (_, Err(error @ ModelError::Setting { .. })) | (Err(error), _) => Err(error),
        },
    }
}

fn line_of(model: &StoredModel) -> String {
    format!("{:<28} {:<11} {:>7.1} MB", model.name, model.kind.to_string(), model.num_bytes as f64 / 1e6)
}

fn say(out: &mut dyn Write, line: &str) {
    // Nobody listens on a closed pipe.
    writeln!(out, "{line}").ok();
}

fn failure_of(error: &StoreError) -> Failure {
    match error {
        StoreError::Disk { .. } => Failure::Failed(error.to_string()),
        _ => Failure::Usage(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &ModelsCommand, data_dir: &Path) -> Result<String, Failure> {
        let mut out = Vec::new();
        models_command(command, data_dir, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_model_is_added_listed_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("UVR-MDX-NET-Voc_FT.onnx");
        std::fs::write(&file, vec![0; 2_000_000]).unwrap();
        let add = ModelsCommand::Add { path: file, name: Some("voices".to_owned()), link: false };
        let data = dir.path().join("data");
        assert!(run(&add, &data).unwrap().contains("voices"));
        let listed = run(&ModelsCommand::List, &data).unwrap();
        assert!(listed.contains("voices") && listed.contains("2.0 MB"), "{listed}");
        run(&ModelsCommand::Remove { name: "voices".to_owned() }, &data).unwrap();
        assert!(run(&ModelsCommand::List, &data).unwrap().starts_with("no models in"));
        let gone = run(&ModelsCommand::Remove { name: "voices".to_owned() }, &data).unwrap_err();
        assert_eq!(gone.exit_code(), 2);
    }
}
