//! Which key goes to an engine.
use super::{Engine, EngineKind};
use crate::http::{ApiKey, ApiKeys};

/// The key for an engine: the variable its user names, else what keys.toml has for its host, else DJ_IA_API_KEY or
/// ACESTEP_API_KEY. The last two never leave unencrypted, except to this machine. `kind` is what it speaks.
pub(super) fn key_for(
    engine: &Engine,
    kind: EngineKind,
    keys: &ApiKeys,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<ApiKey> {
    let named = |name: &str| variable(name).as_deref().and_then(ApiKey::new);
    if let Some(name) = &engine.api_key_env {
        return named(name);
    }
    let usual = match kind {
        EngineKind::DjIa | EngineKind::Obsidian => Some("DJ_IA_API_KEY"),
        EngineKind::AceStep => Some("ACESTEP_API_KEY"),
        EngineKind::Auto => None,
    };
    let from_file = keys.in_file_for(&engine.address).cloned();
    from_file.or_else(|| named(usual.filter(|_| engine.address.is_private())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> Option<String> {
        ["DJ_IA_API_KEY", "MINE"].contains(&name).then(|| format!("key-of-{name}"))
    }

    fn found(engine: &Engine, kind: EngineKind, keys: &ApiKeys) -> Option<String> {
        key_for(engine, kind, keys, variable).map(|key| key.secret().to_owned())
    }

    #[test]
    fn a_named_variable_wins_and_the_usual_one_stays_private() {
        let dir = tempfile::tempdir().unwrap();
        let engine = |url: &str| Engine::new("e", EngineKind::DjIa, url).unwrap();
        let (here, lan) = (engine("http://localhost:8000"), engine("http://192.168.1.7:8000"));
        ApiKeys::save(dir.path(), &engine("https://kept.example").address, "kept").unwrap();
        let keys = ApiKeys::load_with(dir.path(), |_| None).0;
        assert_eq!(found(&here, EngineKind::DjIa, &keys).unwrap(), "key-of-DJ_IA_API_KEY");
        assert_eq!(found(&here, EngineKind::AceStep, &keys), None);
        assert_eq!(found(&lan, EngineKind::DjIa, &keys), None);
        assert_eq!(found(&engine("https://kept.example"), EngineKind::DjIa, &keys).unwrap(), "kept");
        let named = lan.clone().with_key_variable("MINE").unwrap();
        assert_eq!(found(&named, EngineKind::DjIa, &keys).unwrap(), "key-of-MINE");
        let missing = here.with_key_variable("NOT_SET").unwrap();
        assert_eq!(found(&missing, EngineKind::DjIa, &keys), None, "another key than the named one is not guessed");
    }
}
