//! Audio-thread files: marked as such, and without the words that allocate, lock, print or panic.
use std::path::Path;

const MARK: &str = "//! Room: RT";

/// Folders and files that are audio-thread code by their place.
const RT_PLACES: [&str; 2] = ["crates/engine/src/rt/", "plugin/src/process"];

/// Words that do not belong on an audio thread, each with its reason.
const FORBIDDEN: [(&str, &str); 22] = [
    (".unwrap()", "panics"),
    (".expect(", "panics"),
    ("panic!(", "panics"),
    ("unreachable!(", "panics"),
    ("Mutex", "waits"),
    ("RwLock", "waits"),
    ("Condvar", "waits"),
    ("mpsc::", "allocates and may wait"),
    ("thread::sleep", "waits"),
    ("thread::spawn", "starts a thread"),
    ("println!(", "does IO"),
    ("eprintln!(", "does IO"),
    ("dbg!(", "does IO"),
    ("format!(", "allocates"),
    (".to_string()", "allocates"),
    (".to_owned()", "allocates"),
    (".to_vec()", "allocates"),
    (".collect::<Vec", "allocates"),
    ("Vec::with_capacity", "allocates; size it in prepare.rs"),
    ("vec![", "allocates; size it in prepare.rs"),
    ("Box::new(", "allocates; size it in prepare.rs"),
    ("std::fs", "does IO"),
];

/// Functions whose names start with one of these build things; they run in `prepare`, never in `process`.
const CONSTRUCTORS: [&str; 4] = ["new", "with_", "prepare", "default"];

/// Whether the file says that it runs on the audio thread.
pub fn is_rt(text: &str) -> bool {
    text.lines().next() == Some(MARK)
}

/// Every broken rule in one file.
pub fn broken(path: &Path, text: &str) -> Vec<String> {
    let place = path.to_string_lossy().replace('\\', "/");
    let is_test = place.ends_with("tests.rs") || place.contains("/tests/");
    if is_test {
        return Vec::new();
    }
    if !is_rt(text) {
        let must_be = RT_PLACES.iter().any(|rt| place.starts_with(rt));
        return if must_be { vec![format!("{place}: the first line has to be `{MARK}`")] } else { Vec::new() };
    }
    code_lines(text)
        .filter_map(|(number, line)| {
            let (word, reason) = FORBIDDEN.iter().find(|(word, _)| line.contains(word))?;
            Some(format!("{place}:{number}: `{word}` {reason}"))
        })
        .collect()
}

/// Lines of code with their numbers: no comments, nothing of the test module at the end, no constructors.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut constructor: Option<usize> = None;
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.take_while(|(_, line)| line.trim() != "#[cfg(test)]").filter(move |(_, line)| {
        let indent = line.len() - line.trim_start().len();
        if let Some(outer) = constructor {
            if indent == outer && line.trim() == "}" {
                constructor = None;
            }
            return false;
        }
        if is_constructor(line) && !line.trim_end().ends_with('}') {
            constructor = Some(indent);
            return false;
        }
        !line.trim_start().starts_with("//")
    })
}

fn is_constructor(line: &str) -> bool {
    let code = line.trim_start();
    let Some((before, name)) = code.split_once("fn ") else { return false };
    let is_signature = before.split_whitespace().all(|word| word.starts_with("pub") || word == "const");
    is_signature && CONSTRUCTORS.iter().any(|constructor| name.starts_with(constructor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_wait_or_panic_are_found_in_code_only() {
        let path = Path::new("crates/engine/src/rt/deck.rs");
        let file = |code: &str| format!("{MARK}\n{code}\n#[cfg(test)]\nmod tests {{ fn f() {{ x.unwrap() }} }}\n");
        assert_eq!(broken(path, &file("// never .unwrap() here")), Vec::<String>::new());
        assert_eq!(broken(path, &file("let a = b.unwrap();")).len(), 1);
        let constructor = "    pub fn new() -> Self {\n        Self { a: vec![0.0; 9] }\n    }\n";
        assert_eq!(broken(path, &file(constructor)), Vec::<String>::new());
        assert_eq!(broken(path, &file(&format!("{constructor}    fn f() {{ vec![1]; }}"))).len(), 1);
        assert_eq!(broken(path, "fn f() {}").len(), 1);
        assert_eq!(broken(Path::new("crates/jobs/src/pool.rs"), "fn f() { x.unwrap() }"), Vec::<String>::new());
    }
}
