//! Which key goes where, and what a file of keys has to be.
#[cfg(unix)]
use crate::quartet::KeyFileError;
use crate::quartet::{ApiKeys, Endpoint};
use std::path::Path;

fn endpoint(base_url: &str) -> Endpoint {
    Endpoint::parse(base_url).unwrap()
}

fn environment(name: &str) -> Option<String> {
    match name {
        "GROQ_API_KEY" => Some("gsk".to_owned()),
        "OPENAI_API_KEY" => Some("sk".to_owned()),
        _ => None,
    }
}

fn load(dir: &Path) -> ApiKeys {
    ApiKeys::load_with(dir, environment).0
}

fn key(keys: &ApiKeys, base_url: &str) -> Option<String> {
    keys.key_for(&endpoint(base_url)).map(|key| key.secret().to_owned())
}

#[test]
fn keys_of_the_environment_go_to_their_services_only() {
    let dir = tempfile::tempdir().unwrap();
    let keys = load(dir.path());
    for (base_url, wanted) in [
        ("https://api.groq.com/openai/v1", Some("gsk")),
        ("https://api.openai.com/v1", Some("sk")),
        ("http://localhost:8080/v1", Some("sk")),
        ("http://api.groq.com/openai/v1", None),
        ("http://api.openai.com/v1", None),
        ("https://api.openai.com.example.org/v1", None),
        ("https://openrouter.ai/api/v1", None),
        ("http://192.168.1.7:8080/v1", None),
    ] {
        assert_eq!(key(&keys, base_url).as_deref(), wanted, "{base_url}");
    }
    let trusting = keys.trusting_the_address();
    assert_eq!(key(&trusting, "https://openrouter.ai/api/v1").as_deref(), Some("sk"));
    assert_eq!(key(&trusting, "http://192.168.1.7:8080/v1"), None);
}

#[test]
fn a_saved_key_is_found_under_its_host_and_can_be_removed() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("new");
    let lan = endpoint("http://192.168.1.7:8080/v1");
    ApiKeys::save(&config, &lan, "two words").unwrap_err();
    ApiKeys::save(&config, &lan, " key1 ").unwrap();
    ApiKeys::save(&config, &endpoint("https://api.groq.com/openai/v1"), "mine").unwrap();
    let keys = load(&config);
    assert_eq!(key(&keys, "http://192.168.1.7:8080/v1").as_deref(), Some("key1"));
    assert_eq!(key(&keys, "https://API.groq.com/openai/v1").as_deref(), Some("mine"), "the file wins");
    ApiKeys::save(&config, &lan, "").unwrap();
    assert_eq!(key(&load(&config), "http://192.168.1.7:8080/v1"), None);
    assert_eq!(std::fs::read_dir(&config).unwrap().count(), 1, "nothing else is left in the folder");
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_not_used_and_a_saved_one_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let groq = endpoint("https://api.groq.com/openai/v1");
    ApiKeys::save(dir.path(), &groq, "secret").unwrap();
    let path = dir.path().join("keys.toml");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (keys, problem) = ApiKeys::load_with(dir.path(), environment);
    assert!(matches!(problem, Some(KeyFileError::NotPrivate { .. })));
    assert_eq!(key(&keys, "https://api.groq.com/openai/v1").as_deref(), Some("gsk"), "the environment still counts");
    assert!(matches!(ApiKeys::save(dir.path(), &groq, "x"), Err(KeyFileError::NotPrivate { .. })));
}

#[cfg(unix)]
#[test]
fn a_broken_file_is_reported_without_its_content() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.toml");
    for broken in ["sk-very-secret", "\"h\" = 5", "\"h\" = \"\"", &format!("# {}", "x".repeat(70_000))] {
        std::fs::write(&path, broken).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let problem = ApiKeys::load_with(dir.path(), environment).1.unwrap();
        assert!(matches!(problem, KeyFileError::Malformed { .. }), "{broken:.10}");
        assert!(!problem.to_string().contains("secret"));
    }
}
