//! What the library says about files that are not what it wrote.
mod common;
use common::*;
use library::{Library, LibraryError};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;
use take::*;

/// A library with one take in it.
struct Shelf {
    _dir: tempfile::TempDir,
    library: Library,
    take: Take,
}

impl Shelf {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (library, take) = (Library::new(dir.path()), take());
        library.save(&take).unwrap();
        Self { _dir: dir, library, take }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.library.take_dir(self.take.id).join(name)
    }

    fn json(&self) -> String {
        fs::read_to_string(self.file("take.json")).unwrap()
    }

    fn load(&self) -> Result<Take, LibraryError> {
        self.library.load(self.take.id)
    }

    fn error(&self) -> LibraryError {
        self.load().unwrap_err()
    }

    fn error_with_json(&self, text: &str) -> LibraryError {
        fs::write(self.file("take.json"), text).unwrap();
        self.error()
    }
}

#[test]
fn missing_files_are_named() {
    let shelf = Shelf::new();
    fs::remove_file(shelf.file("bass.wav")).unwrap();
    let error = shelf.error();
    assert!(matches!(&error, LibraryError::Missing { path } if path.ends_with("bass.wav")), "{error}");
    fs::remove_file(shelf.file("take.json")).unwrap();
    assert!(matches!(shelf.error(), LibraryError::Missing { path } if path.ends_with("take.json")));
    fs::remove_dir_all(shelf.file("")).unwrap();
    assert!(matches!(shelf.error(), LibraryError::NotFound { .. }));
}

#[test]
fn audio_cut_off_anywhere_is_an_error() {
    let shelf = Shelf::new();
    let whole = fs::read(shelf.file("bass.wav")).unwrap();
    let data_end = 68 + shelf.take.original.num_frames() * 6;
    for num_bytes in (0..data_end).step_by(101).chain([11, 12, 43, 67, 68, 69, data_end - 1]) {
        fs::write(shelf.file("bass.wav"), &whole[..num_bytes]).unwrap();
        let error = shelf.error();
        let is_expected = matches!(error, LibraryError::WrongLength { .. } | LibraryError::Unreadable { .. });
        assert!(is_expected, "{num_bytes} bytes: {error}");
        if num_bytes > 100 {
            assert!(matches!(error, LibraryError::WrongLength { .. }), "{num_bytes} bytes: {error}");
        }
    }
}

#[test]
fn one_changed_sample_is_noticed() {
    let shelf = Shelf::new();
    let mut bytes = fs::read(shelf.file("bass.wav")).unwrap();
    bytes[5000] ^= 1;
    fs::write(shelf.file("bass.wav"), bytes).unwrap();
    assert!(matches!(shelf.error(), LibraryError::Tampered { .. }));
}

#[test]
fn stems_of_another_take_or_rate_are_noticed() {
    let shelf = Shelf::new();
    fs::copy(shelf.file("drums.wav"), shelf.file("bass.wav")).unwrap();
    assert!(matches!(shelf.error(), LibraryError::Tampered { .. }));
    let json = shelf.json();
    assert!(matches!(
        shelf.error_with_json(&json.replace(r#""rate":401"#, r#""rate":402"#)),
        LibraryError::Unreadable { .. }
    ));
    let longer = json.replace(r#""loop_beats":8.0"#, r#""loop_beats":12.0"#);
    assert!(matches!(shelf.error_with_json(&longer), LibraryError::WrongLength { .. }));
}

#[test]
fn a_changed_note_is_noticed() {
    let shelf = Shelf::new();
    let changed = shelf.json().replacen(r#""velocity":101"#, r#""velocity":102"#, 1);
    assert!(matches!(shelf.error_with_json(&changed), LibraryError::Tampered { .. }));
}

#[test]
fn a_renamed_take_is_still_itself() {
    let shelf = Shelf::new();
    let renamed = shelf.json().replace("Deep house 124 Am", "My favourite");
    fs::write(shelf.file("take.json"), renamed).unwrap();
    assert_eq!(shelf.load().unwrap().info.name, "My favourite");
}

#[test]
fn a_newer_format_is_refused_by_name_and_kept() {
    let shelf = Shelf::new();
    let newer = r#"{"continuo_take": 99, "something": ["else"]}"#;
    let error = shelf.error_with_json(newer);
    assert!(matches!(error, LibraryError::TooNew { found: 99, newest: 1, .. }), "{error}");
    assert!(matches!(shelf.library.save(&shelf.take), Err(LibraryError::TooNew { .. })));
    assert_eq!(shelf.json(), newer);
}

#[test]
fn hostile_json_gives_a_sentence() {
    let shelf = Shelf::new();
    let good = shelf.json();
    let swap = |from: &str, to: &str| {
        assert!(good.contains(from), "{from} is not in the file");
        good.replace(from, to)
    };
    let id = shelf.take.id.to_string();
    let bad = [
        String::new(),
        "null".into(),
        "[".repeat(1_000_000),
        r#"{"continuo_take":"#.repeat(100_000),
        r#"{"continuo_take":1}"#.into(),
        r#"{"continuo_take":-1}"#.into(),
        r#"{"continuo_take":1e400}"#.into(),
        "\0\u{fffd}".into(),
        swap(&id, "../../../../etc/passwd"),
        swap(&id, &"/".repeat(64)),
        swap(r#""bass"]"#, r#""../bass"]"#),
        swap(r#""rate":401"#, r#""rate":0"#),
        swap(r#""rate":401"#, r#""rate":99999999999"#),
        swap(r#""loop_beats":8.0"#, r#""loop_beats":1e300"#),
        swap(r#""loop_beats":8.0"#, r#""loop_beats":-8.0"#),
        swap(r#""bar_beats":4.0"#, r#""bar_beats":0"#),
        swap(r#""tempo":124.0"#, r#""tempo":0"#),
        swap(r#""key":36"#, r#""key":200"#),
        swap(r#""key":36"#, r#""key":-1"#),
        swap(r#""velocity":101"#, r#""velocity":0"#),
        swap(r#""channel":9"#, r#""channel":16"#),
        swap(r#""start":0.0"#, r#""start":null"#),
        swap(r#""bars":2"#, r#""bars":10000"#),
        swap(r#""scale":"minor""#, r#""scale":"bogus""#),
    ];
    for text in bad {
        let error = shelf.error_with_json(&text);
        let is_expected = matches!(error, LibraryError::Unreadable { .. } | LibraryError::WrongLength { .. });
        assert!(is_expected, "{}: {error}", &text[..text.len().min(80)]);
        assert!(error.to_string().len() < 400, "{error}");
    }
}

#[test]
fn a_huge_file_and_a_folder_in_place_of_a_file_are_not_read() {
    let shelf = Shelf::new();
    // Sparse: takes no room.
    fs::File::create(shelf.file("take.json")).unwrap().set_len(1 << 40).unwrap();
    assert!(shelf.error().to_string().contains("larger than"));
    fs::remove_file(shelf.file("take.json")).unwrap();
    fs::create_dir(shelf.file("take.json")).unwrap();
    assert!(shelf.error().to_string().contains("not a file"));
}

#[test]
fn only_whole_takes_are_listed() {
    let shelf = Shelf::new();
    let takes = shelf.file("").parent().unwrap().to_owned();
    for stray in ["notes", ".saving-x", "ff", &"+f".repeat(32), &"0".repeat(64)] {
        fs::create_dir(takes.join(stray)).unwrap();
    }
    fs::write(takes.join("1".repeat(64)), "a file").unwrap();
    assert_eq!(shelf.library.list().unwrap(), [shelf.take.id]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_anywhere_is_noticed_or_harmless(
        file in 0..3_usize, at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 1..8),
        cut in any::<bool>(),
    ) {
        let shelf = Shelf::new();
        let path = shelf.file(["take.json", "drums.wav", "bass.wav"][file]);
        let mut bytes = fs::read(&path).unwrap();
        let at = at.index(bytes.len());
        let end = if cut { bytes.len() } else { (at + with.len()).min(bytes.len()) };
        bytes.splice(at..end, with);
        fs::write(&path, bytes).unwrap();
        // Tags, pad bytes and the name may change without the take being another.
        if let Ok(loaded) = shelf.load() {
            prop_assert_eq!(loaded.id, TakeId::of(&loaded.info, &loaded.parts, &loaded.original));
            prop_assert_eq!(&loaded.original, &shelf.take.original);
            prop_assert_eq!(&loaded.parts, &shelf.take.parts);
        }
    }

    #[test]
    fn any_text_as_json_is_an_error(text in "(?s).{0,300}") {
        let shelf = Shelf::new();
        shelf.error_with_json(&text);
    }
}
