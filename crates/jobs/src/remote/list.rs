//! The user's engines: `engines.toml` in the configuration folder. Keys are not in it: they are in keys.toml, or in the
//! environment.
use super::{Engine, EngineError, EngineKind, RemoteStem};
use crate::http::write_private;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// File in the configuration folder.
const FILE_NAME: &str = "engines.toml";
/// More than any list of engines.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Most engines that are read.
const MAX_ENGINES: usize = 100;

/// Why the list cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EngineListError {
    /// No TOML, or far too large.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// There is an engine of that name.
    #[error("there is an engine `{name}` already: remove it first, or choose another name")]
    Exists {
        /// Its name.
        name: String,
    },
    /// There is no such engine.
    #[error("there is no engine `{name}`; there {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// `are studio and cloud`, `are none`.
        known: String,
    },
    /// The list is full.
    #[error("{MAX_ENGINES} engines are as many as are kept: remove one first")]
    Full,
    /// The system says no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Every engine of one user, in the order of their names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EngineList {
    /// Usable ones.
    pub engines: Vec<Engine>,
    /// One sentence for each entry that cannot be used.
    pub problems: Vec<String>,
}

impl EngineList {
    /// Reads `<config_dir>/engines.toml`. A file that is not there is an empty list.
    ///
    /// # Errors
    /// [`EngineListError::Malformed`], [`EngineListError::Io`].
    pub fn load(config_dir: &Path) -> Result<Self, EngineListError> {
        let table = read(&config_dir.join(FILE_NAME))?;
        let mut list = Self::default();
        for (name, entry) in &table {
            match engine_of(name, entry) {
                Ok(engine) if list.engines.len() < MAX_ENGINES => list.engines.push(engine),
                Ok(_) => list.problems.push(format!("{FILE_NAME}: `{name}` is one more than is read")),
                Err(reason) => list.problems.push(format!("{FILE_NAME}: `{name}`: {reason}")),
            }
        }
        Ok(list)
    }

    /// The engine of that name.
    ///
    /// # Errors
    /// [`EngineListError::Unknown`], with the names that there are.
    pub fn get(&self, name: &str) -> Result<&Engine, EngineListError> {
        let found = self.engines.iter().find(|engine| engine.name == name);
        found.ok_or_else(|| unknown(name, self.engines.iter().map(|engine| engine.name.as_str())))
    }

    /// Adds an engine to the file, which only its owner can read.
    ///
    /// # Errors
    /// [`EngineListError`]; the file is then as it was.
    pub fn add(config_dir: &Path, engine: &Engine) -> Result<(), EngineListError> {
        let mut table = read(&config_dir.join(FILE_NAME))?;
        if table.contains_key(&engine.name) {
            return Err(EngineListError::Exists { name: engine.name.clone() });
        }
        if table.len() >= MAX_ENGINES {
            return Err(EngineListError::Full);
        }
        table.insert(engine.name.clone(), Value::Table(entry_of(engine)));
        write(config_dir, &table)
    }

    /// Puts an engine in the place of the one of the same name, or adds it.
    ///
    /// # Errors
    /// [`EngineListError`]; the file is then as it was.
    pub fn put(config_dir: &Path, engine: &Engine) -> Result<(), EngineListError> {
        let mut table = read(&config_dir.join(FILE_NAME))?;
        table.insert(engine.name.clone(), Value::Table(entry_of(engine)));
        write(config_dir, &table)
    }

    /// Takes an engine out of the file; entries that cannot be used can be taken out too.
    ///
    /// # Errors
    /// [`EngineListError`]; the file is then as it was.
    pub fn remove(config_dir: &Path, name: &str) -> Result<(), EngineListError> {
        let mut table = read(&config_dir.join(FILE_NAME))?;
        if table.remove(name).is_none() {
            return Err(unknown(name, table.keys().map(String::as_str)));
        }
        write(config_dir, &table)
    }
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> EngineListError {
    let names: Vec<&str> = known.collect();
    let known = match names.as_slice() {
        [] => "are none: add one with `continuo engines add`".to_owned(),
        [one] => format!("is only `{one}`"),
        many => format!("are {}", many.join(", ")),
    };
    EngineListError::Unknown { name: name.to_owned(), known }
}

fn read(path: &Path) -> Result<Table, EngineListError> {
    let io = |source| EngineListError::Io { path: path.to_owned(), source };
    let malformed = |reason: String| EngineListError::Malformed { path: path.to_owned(), reason };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Table::new()),
        Err(error) => return Err(io(error)),
    };
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(io)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(malformed("it is too large to be a list of engines".to_owned()));
    }
    // The parser's message would quote the line, and whoever put a key there would find it in a window.
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        malformed(format!("line {line} is no TOML"))
    })
}

fn write(config_dir: &Path, table: &Table) -> Result<(), EngineListError> {
    let text = format!("# Continuo's remote engines. Keys are not in here: see keys.toml.\n\n{table}");
    let io = |source| EngineListError::Io { path: config_dir.join(FILE_NAME), source };
    write_private(config_dir, FILE_NAME, &text).map_err(io)
}

fn entry_of(engine: &Engine) -> Table {
    let mut entry = Table::new();
    let mut put = |name: &str, value: Value| drop(entry.insert(name.to_owned(), value));
    put("kind", engine.kind.id().into());
    put("base_url", engine.address.base().into());
    put("timeout_s", engine.timeout.as_secs_f64().into());
    if let Some(variable) = &engine.api_key_env {
        put("api_key_env", variable.as_str().into());
    }
    if let Some(model) = &engine.model {
        put("model", model.as_str().into());
    }
    if !engine.preferred_stems.is_empty() {
        let stems: Vec<Value> = engine.preferred_stems.iter().map(|stem| stem.id().into()).collect();
        put("preferred_stems", stems.into());
    }
    entry
}

/// What an entry says, or what is wrong with it.
fn engine_of(name: &str, entry: &Value) -> Result<Engine, String> {
    let entry = entry.as_table().ok_or("it is no table")?;
    if entry.contains_key("api_key") {
        return Err("keys belong into keys.toml or the environment (api_key_env)".to_owned());
    }
    let text = |field: &str| entry.get(field).map(|value| value.as_str().ok_or(format!("`{field}` is no text")));
    let kind = text("kind").transpose()?.unwrap_or(EngineKind::default().id());
    let kind = EngineKind::from_id(kind).ok_or("`kind` is auto, dj-ia, obsidian or acestep")?;
    let base_url = text("base_url").ok_or("it has no `base_url`")??;
    let said = |error: EngineError| error.to_string();
    let mut engine = Engine::new(name, kind, base_url).map_err(said)?;
    if let Some(seconds) = entry.get("timeout_s") {
        let number = seconds.as_float().or(seconds.as_integer().map(|whole| whole as f64));
        engine = engine.with_timeout_s(number.ok_or("`timeout_s` is no number")?).map_err(said)?;
    }
    if let Some(variable) = text("api_key_env").transpose()? {
        engine = engine.with_key_variable(variable).map_err(said)?;
    }
    engine.model = text("model").transpose()?.map(str::to_owned);
    if let Some(stems) = entry.get("preferred_stems") {
        let known = |stem: &Value| RemoteStem::from_id(stem.as_str()?);
        let stems = stems.as_array().and_then(|stems| stems.iter().map(known).collect::<Option<_>>());
        engine.preferred_stems = stems.ok_or("`preferred_stems` are of drums, bass, other, vocals, guitar, piano")?;
    }
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn studio() -> Engine {
        let engine = Engine::new("studio", EngineKind::DjIa, "http://localhost:8000/").unwrap();
        let engine = engine.with_timeout_s(90.5).unwrap().with_key_variable("MY_KEY").unwrap();
        Engine { preferred_stems: vec![RemoteStem::Drums, RemoteStem::Bass], model: Some("m".to_owned()), ..engine }
    }

    #[test]
    fn what_is_added_reads_back_and_can_be_removed() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(EngineList::load(dir.path()).unwrap(), EngineList::default());
        EngineList::add(dir.path(), &studio()).unwrap();
        assert!(matches!(EngineList::add(dir.path(), &studio()), Err(EngineListError::Exists { .. })));
        let other = Engine::new("cloud", EngineKind::Auto, "https://example.org").unwrap();
        EngineList::put(dir.path(), &other).unwrap();
        let list = EngineList::load(dir.path()).unwrap();
        assert_eq!((list.engines.as_slice(), list.problems.len()), ([other, studio()].as_slice(), 0));
        assert_eq!(list.get("studio").unwrap(), &studio());
        let error = EngineList::remove(dir.path(), "studdio").unwrap_err().to_string();
        assert_eq!(error, "there is no engine `studdio`; there are cloud, studio");
        EngineList::remove(dir.path(), "cloud").unwrap();
        assert_eq!(EngineList::load(dir.path()).unwrap().engines, [studio()]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        EngineList::add(dir.path(), &studio()).unwrap();
        let mode = fs::metadata(dir.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_bad_entry_is_a_sentence_and_the_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let text = r#"
            [good]
            base_url = "http://localhost:8000"
            timeout_s = 5
            [keyed]
            base_url = "http://localhost:8000"
            api_key = "sk-secret"
            [nowhere]
            kind = "dj-ia"
            [late]
            base_url = "http://h"
            timeout_s = 99999
            [horns]
            base_url = "http://h"
            preferred_stems = ["horns"]
        "#;
        fs::write(dir.path().join(FILE_NAME), text).unwrap();
        let list = EngineList::load(dir.path()).unwrap();
        assert_eq!(list.engines.len(), 1);
        assert_eq!(list.problems.len(), 4);
        assert!(!list.problems.concat().contains("secret"));
        fs::write(dir.path().join(FILE_NAME), "[a]\nkey = sk-secret").unwrap();
        let error = EngineList::load(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("line 2 is no TOML") && !error.contains("secret"), "{error}");
    }
}
