//! What the library promises about takes on disk.
mod common;
use common::*;
use library::{Library, LibraryError};
use std::sync::Arc;
use take::*;

fn temp() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_take_comes_back_bit_for_bit() {
    let dir = temp();
    let library = Library::new(dir.path());
    let take = take();
    assert!(!library.contains(take.id));
    library.save(&take).unwrap();
    assert!(library.contains(take.id));
    let loaded = library.load(take.id).unwrap();
    assert_eq!(loaded, take);
    let bits = |take: &Take| -> Vec<u64> {
        let notes = take.parts.iter().flat_map(|part| &part.notes);
        notes.flat_map(|note| [note.start.0.to_bits(), note.duration.0.to_bits()]).collect()
    };
    assert_eq!(bits(&loaded), bits(&take));
    assert_eq!(library.list().unwrap(), [take.id]);
}

#[test]
fn making_a_library_touches_no_disk() {
    let dir = temp();
    let library = Library::new(dir.path().join("not/there"));
    assert_eq!(library.list().unwrap(), []);
    assert!(matches!(library.load(take().id), Err(LibraryError::NotFound { .. })));
    assert_eq!(tree(dir.path()), []);
}

#[test]
fn lengths_that_are_no_whole_number_of_frames_come_back() {
    let dir = temp();
    let library = Library::new(dir.path());
    for bpm in [90.0, 91.7, 124.0, 173.3] {
        let take = take_with(|_, _, original| {
            original.tempo = Bpm::new(bpm).unwrap();
            original.stems = Default::default();
            original.stems[4] = Some(noise(original.num_frames(), 5));
        });
        library.save(&take).unwrap();
        assert_eq!(library.load(take.id).unwrap(), take);
    }
    assert_eq!(library.list().unwrap().len(), 4);
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let take = take();
    let whole = temp();
    Library::new(whole.path()).save(&take).unwrap();
    let num_bytes: usize = tree(whole.path()).iter().map(|(_, bytes)| bytes.len()).sum();
    for room in (0..num_bytes).step_by(num_bytes / 50).chain([num_bytes - 1, num_bytes]) {
        let dir = temp();
        let library = Library::with_disk(dir.path(), Arc::new(FakeFullDisk::with_room_for(room)));
        match library.save(&take) {
            Ok(()) => assert_eq!((room, library.load(take.id).unwrap()), (num_bytes, take.clone())),
            Err(error) => {
                assert!(matches!(error, LibraryError::DiskFull { .. }), "{error}");
                assert!(error.to_string().starts_with("the disk is full"), "{error}");
                let left: Vec<_> = tree(dir.path()).into_iter().map(|(path, _)| path).collect();
                assert_eq!(left, [dir.path().join("takes/")]);
                assert!(room < num_bytes);
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_own_full_disk_is_named_as_such() {
    use library::{Disk, RealDisk};
    let error = RealDisk.write(std::path::Path::new("/dev/full"), &[0; 4096]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

#[test]
fn a_read_only_folder_is_said_in_words() {
    let dir = temp();
    let library = Library::with_disk(dir.path(), Arc::new(FakeReadOnlyDisk));
    let error = library.save(&take()).unwrap_err();
    assert!(matches!(error, LibraryError::Denied { .. }), "{error}");
    assert!(error.to_string().starts_with("no permission for "), "{error}");
    assert_eq!(tree(dir.path()), []);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    // Works for root too, whom no permission bits stop.
    let dir = temp();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let library = Library::new(file.join("data"));
    assert!(matches!(library.save(&take()), Err(LibraryError::Io { .. })));
    assert_eq!(tree(dir.path()).len(), 1);
}

#[test]
fn a_save_that_cannot_move_in_leaves_the_library_as_it_was() {
    let dir = temp();
    let take = take();
    Library::new(dir.path()).save(&take).unwrap();
    std::fs::write(Library::new(dir.path()).take_dir(take.id).join("bass.wav"), "damaged").unwrap();
    let before = tree(dir.path());
    let library = Library::with_disk(dir.path(), Arc::new(FakeStuckFolder("take")));
    assert!(matches!(library.save(&take), Err(LibraryError::Io { .. })));
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn saving_again_repairs_a_damaged_take() {
    let dir = temp();
    let (library, take) = (Library::new(dir.path()), take());
    library.save(&take).unwrap();
    let whole = tree(dir.path());
    library.save(&take).unwrap();
    for file in ["take.json", "drums.wav"] {
        std::fs::write(library.take_dir(take.id).join(file), "damaged").unwrap();
        assert!(library.load(take.id).is_err());
        library.save(&take).unwrap();
        assert_eq!(tree(dir.path()), whole);
    }
}

#[test]
fn parallel_saves_of_one_take_are_fine() {
    let dir = temp();
    let take = take();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| Library::new(dir.path()).save(&take).unwrap());
        }
    });
    assert_eq!(Library::new(dir.path()).load(take.id).unwrap(), take);
    let top: Vec<_> = std::fs::read_dir(dir.path().join("takes")).unwrap().collect();
    assert_eq!(top.len(), 1, "staging folders were left");
}

#[test]
fn what_a_killed_process_left_is_swept_after_a_day() {
    let dir = temp();
    let library = Library::new(dir.path());
    let takes = dir.path().join("takes");
    let (old, young) = (takes.join(".saving-old"), takes.join(".saving-young"));
    for staging in [&old, &young] {
        std::fs::create_dir_all(staging.join("take")).unwrap();
    }
    let two_days_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(48 * 3600);
    // Windows cannot open folders as files to set their time.
    if let Ok(folder) = std::fs::File::open(&old) {
        folder.set_modified(two_days_ago).unwrap();
        library.save(&take()).unwrap();
        assert!(!old.exists() && young.exists());
        assert_eq!(library.list().unwrap().len(), 1);
    }
}

#[test]
fn takes_that_would_not_come_back_are_not_saved() {
    let dir = temp();
    let library = Library::new(dir.path());
    let mut misnamed = take();
    misnamed.id = TakeId([7; 32]);
    let bad = [
        misnamed,
        take_with(|info, _, _| info.loudness_lufs = f64::NEG_INFINITY),
        take_with(|_, parts, _| parts[0].notes[0].start = Beats(f64::NAN)),
        take_with(|_, parts, _| parts[0].notes[0].key = 128),
        take_with(|_, parts, _| parts[0].channel = 16),
        take_with(|_, _, original| original.stems[0] = Some(AudioClip::silent(3))),
        take_with(|_, _, original| original.loop_beats = Beats(f64::INFINITY)),
    ];
    for take in bad {
        let error = library.save(&take).unwrap_err();
        assert!(matches!(error, LibraryError::NotSavable { .. }), "{error}");
    }
    assert_eq!(tree(dir.path()), []);
}
