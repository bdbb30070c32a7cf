//! The engines of this machine, by the choice on the `Engine` dial, and the separator beside them.
mod facility;
mod separating;

pub use facility::Facility;

use crate::http::ApiKeys;
use crate::midi_model::{MidiModelProvider, MidiModelSettings};
use crate::musicgen::{MusicGenProvider, MusicGenSettings};
use crate::remote::{EngineList, RemoteProvider};
use crate::{BandProvider, CancelToken, HearNotesError, NoteHearer, Progress, Provider, ProviderError, hear_notes};
use models::store::{Kind, ModelStore};
use models::{Runtime, RuntimeSearch};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use take::Take;

/// A model that nobody has asked for this long leaves the memory.
const IDLE: Duration = Duration::from_secs(300);

/// Who makes the next take. Ids and order are permanent: projects and host lanes hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EngineChoice {
    /// The built-in band: needs nothing.
    #[default]
    Band,
    /// The user's MusicGen files.
    MusicGen,
    /// The first server of the user's list.
    Remote,
    /// The user's midi-model files, played by the band's instruments.
    MidiModel,
}

impl EngineChoice {
    /// In the order of the dial.
    pub const ALL: [Self; 4] = [Self::Band, Self::MusicGen, Self::Remote, Self::MidiModel];

    /// Permanent, for saved states and the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Band => "band",
            Self::MusicGen => "musicgen",
            Self::Remote => "remote",
            Self::MidiModel => "midi-model",
        }
    }

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Band => "Band",
            Self::MusicGen => "MusicGen",
            Self::Remote => "Remote",
            Self::MidiModel => "MIDI model",
        }
    }

    /// Who can make a take again of which `take::TakeInfo::engine` says this.
    pub fn of_take(engine: &str) -> Self {
        let name = engine.split('/').next().unwrap_or_default();
        let is_remote = crate::remote::EngineKind::from_id(name).is_some();
        Self::ALL.into_iter().find(|choice| choice.id() == name).unwrap_or(if is_remote {
            Self::Remote
        } else {
            Self::Band
        })
    }
}

/// How an engine stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineState {
    /// Which.
    pub facility: Facility,
    /// It can be asked.
    pub is_ready: bool,
    /// One sentence: what is there, or what is missing.
    pub sentence: String,
    /// The one command that mends it.
    pub remedy: Option<String>,
}

/// Where engines are looked for.
#[derive(Debug, Clone)]
struct Places {
    band: Arc<BandProvider>,
    data_dir: PathBuf,
    config_dir: PathBuf,
}

/// The provider of a model, kept so that its files are looked through once.
struct Kept {
    folder: PathBuf,
    provider: Arc<dyn Provider>,
}

/// Every engine of one user. Cheap until an engine is asked for; shared by the jobs of an instance.
pub struct Engines {
    band: Arc<dyn Provider>,
    places: Option<Places>,
    kept: Mutex<Option<Kept>>,
    /// The server that was asked last: it remembers what is spoken there and how long a take takes.
    server: Mutex<Option<Arc<RemoteProvider>>>,
    /// What the separator's model runs on, once it has run.
    runtime: Mutex<Option<Runtime>>,
}

impl Engines {
    /// `data_dir` holds models and the runtime, `config_dir` the list of servers. Touches no disk.
    pub fn new(band: Arc<BandProvider>, data_dir: &Path, config_dir: &Path) -> Self {
        let places = Places { band: band.clone(), data_dir: data_dir.to_owned(), config_dir: config_dir.to_owned() };
        Self { band, places: Some(places), kept: Mutex::default(), server: Mutex::default(), runtime: Mutex::default() }
    }

    /// One engine, whatever is chosen.
    pub fn only(provider: Arc<dyn Provider>) -> Self {
        Self {
            band: provider,
            places: None,
            kept: Mutex::default(),
            server: Mutex::default(),
            runtime: Mutex::default(),
        }
    }

    /// The built-in band: it also plays any take again at another tempo.
    pub fn band(&self) -> &Arc<dyn Provider> {
        &self.band
    }

    /// The engine of a choice. Looks at the disk, opens no model and no connection: for a worker.
    ///
    /// # Errors
    /// [`ProviderError::NotSetUp`] says what is missing and how to get it.
    pub fn provider(&self, choice: EngineChoice) -> Result<Arc<dyn Provider>, ProviderError> {
        let Some(places) = &self.places else { return Ok(self.band.clone()) };
        let made = match choice {
            EngineChoice::Band => Ok(self.band.clone()),
            EngineChoice::MusicGen => places.model(Kind::MusicGen).map(|folder| {
                let settings = MusicGenSettings::new(places.runtime(), folder.clone());
                self.keep(folder, || Arc::new(MusicGenProvider::new(settings, places.band.clone())))
            }),
            EngineChoice::Remote => places.server().map(|(engine, keys)| self.keep_server(engine, keys)),
            EngineChoice::MidiModel => places.model(Kind::MidiModel).map(|folder| {
                let settings = MidiModelSettings::new(places.runtime(), folder.clone());
                self.keep(folder, || Arc::new(MidiModelProvider::new(settings, places.band.clone())))
            }),
        };
        made.map_err(|lack| lack.of(choice.name()))
    }

    /// How every engine stands. Looks at the disk and may ask a Python where its packages are: for a worker.
    pub fn states(&self) -> Vec<EngineState> {
        let Some(places) = &self.places else { return Vec::new() };
        let engines = EngineChoice::ALL.into_iter().map(|choice| places.state(choice));
        engines.chain([self.separator_state()]).collect()
    }

    /// The notes that the Basic Pitch of this machine hears in a take, see [`hear_notes`]. For a worker.
    ///
    /// # Errors
    /// [`HearNotesError`]; the take is untouched.
    pub fn hear_notes(&self, take: &Take, progress: &Progress, cancel: &CancelToken) -> Result<Take, HearNotesError> {
        let places = self.places.as_ref().ok_or(HearNotesError::NotSetUp)?;
        hear_notes(take, &NoteHearer::installed(&places.data_dir)?, progress, cancel)
    }

    /// Gives the memory of models back that nobody has run for five minutes. For a worker, now and then.
    pub fn rest(&self, now: Instant) {
        let is_used = self.kept.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let places = self.places.as_ref().filter(|_| is_used);
        let held = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(runtime) = held.or_else(|| Runtime::find(&places?.runtime()).ok()) {
            runtime.release_idle(IDLE, now);
        }
    }

    /// The separator always works: without a model the built-in one takes its place.
    fn separator_state(&self) -> EngineState {
        let by = self.separator();
        let found = by.model().map(|(search, _)| Runtime::find(search));
        let (sentence, remedy) = match found {
            None => ("the built-in separator; a Demucs of yours is better at voices".to_owned(), None),
            Some(Ok(runtime)) => (format!("{}, run by {}", by.name(), runtime.library().file.display()), None),
            Some(Err(error)) => (error.to_string(), Some("continuo models fetch-runtime".to_owned())),
        };
        EngineState { facility: Facility::Separator, is_ready: remedy.is_none(), sentence, remedy }
    }

    fn keep_server(&self, engine: crate::remote::Engine, keys: ApiKeys) -> Arc<dyn Provider> {
        let mut kept = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = kept.as_ref().filter(|there| *there.engine() == engine) {
            return there.clone();
        }
        let provider = Arc::new(RemoteProvider::new(engine, keys));
        *kept = Some(provider.clone());
        provider
    }

    fn keep(&self, folder: PathBuf, make: impl FnOnce() -> Arc<dyn Provider>) -> Arc<dyn Provider> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = kept.as_ref().filter(|there| there.folder == folder) {
            return there.provider.clone();
        }
        let provider = make();
        *kept = Some(Kept { folder, provider: provider.clone() });
        provider
    }
}

/// What an engine lacks.
struct Lack {
    reason: String,
    remedy: String,
}

impl Lack {
    fn of(self, engine: &str) -> ProviderError {
        ProviderError::NotSetUp { engine: engine.to_owned(), reason: self.reason, remedy: self.remedy }
    }
}

impl Places {
    fn runtime(&self) -> RuntimeSearch {
        RuntimeSearch::of_system(None, &self.data_dir)
    }

    /// The first model of a family in the user's folder.
    fn model(&self, kind: Kind) -> Result<PathBuf, Lack> {
        let store = ModelStore::new(&self.data_dir);
        let found = store.list().into_iter().find(|model| model.kind == kind);
        found.map(|model| model.path).ok_or_else(|| Lack {
            reason: format!("there is no {kind} model in {}", store.dir().display()),
            remedy: "continuo models add FOLDER".to_owned(),
        })
    }

    /// The first usable server of the list, and the keys.
    fn server(&self) -> Result<(crate::remote::Engine, ApiKeys), Lack> {
        let lack = |reason: String| Lack { reason, remedy: "continuo engines add NAME --base-url URL".to_owned() };
        let list = EngineList::load(&self.config_dir).map_err(|error| lack(error.to_string()))?;
        let problem = list.problems.first().cloned();
        let (keys, _) = ApiKeys::load(&self.config_dir);
        let first = list.engines.into_iter().next();
        first.map(|engine| (engine, keys)).ok_or_else(|| lack(problem.unwrap_or("there is no server".to_owned())))
    }

    fn state(&self, choice: EngineChoice) -> EngineState {
        let found = match choice {
            EngineChoice::Band => Ok("it is built in".to_owned()),
            EngineChoice::MusicGen => self.ready_model(Kind::MusicGen),
            EngineChoice::MidiModel => self.ready_model(Kind::MidiModel),
            EngineChoice::Remote => {
                self.server().map(|(engine, _)| format!("takes come from {} ({})", engine.name, engine.address.host()))
            }
        };
        let is_ready = found.is_ok();
        let (sentence, remedy) = match found {
            Ok(sentence) => (sentence, None),
            Err(lack) => (lack.reason, Some(lack.remedy)),
        };
        EngineState { facility: Facility::Engine(choice), is_ready, sentence, remedy }
    }

    /// A model, and the library that runs it.
    fn ready_model(&self, kind: Kind) -> Result<String, Lack> {
        let folder = self.model(kind)?;
        let runtime = Runtime::find(&self.runtime())
            .map_err(|error| Lack { reason: error.to_string(), remedy: "continuo models fetch-runtime".to_owned() })?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(format!("{name}, run by {}", runtime.library().file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines(dir: &Path) -> Engines {
        Engines::new(Arc::new(BandProvider::new(dir)), dir, dir)
    }

    #[test]
    fn ids_and_their_order_are_those_that_projects_hold() {
        assert_eq!(EngineChoice::ALL.map(EngineChoice::id), ["band", "musicgen", "remote", "midi-model"]);
        assert_eq!(EngineChoice::default(), EngineChoice::ALL[0]);
    }

    #[test]
    fn a_lost_take_goes_back_to_who_made_it() {
        let who = ["band/2", "musicgen/1-00ff", "dj-ia/1", "acestep/1", "", "import", "midi-model/1-0a-midi/2-0b"];
        use EngineChoice::{Band, MidiModel, MusicGen, Remote};
        assert_eq!(who.map(EngineChoice::of_take), [Band, MusicGen, Remote, Remote, Band, Band, MidiModel]);
    }

    #[test]
    fn an_engine_that_is_not_set_up_says_what_mends_it() {
        let dir = tempfile::tempdir().unwrap();
        let engines = engines(dir.path());
        assert_eq!(engines.provider(EngineChoice::Band).map(|band| band.id().to_owned()), Ok("band".to_owned()));
        for choice in &EngineChoice::ALL[1..] {
            let Err(error) = engines.provider(*choice) else { panic!("{choice:?} is set up in an empty folder") };
            let state = engines.states().into_iter().find(|state| state.facility == Facility::Engine(*choice)).unwrap();
            let remedy = state.remedy.expect("a remedy");
            assert!(!state.is_ready && error.to_string().contains(&remedy), "{error}");
        }
    }

    #[test]
    fn a_server_of_the_list_is_asked() {
        let dir = tempfile::tempdir().unwrap();
        let engine = crate::remote::Engine::new("home", Default::default(), "http://localhost:8000").unwrap();
        EngineList::add(dir.path(), &engine).unwrap();
        let mut states = engines(dir.path()).states().into_iter();
        let state = states.find(|state| state.facility == Facility::Engine(EngineChoice::Remote)).unwrap();
        assert!(state.is_ready && state.sentence.starts_with("takes come from home (localhost"), "{}", state.sentence);
        assert!(engines(dir.path()).provider(EngineChoice::Remote).is_ok());
    }
}
