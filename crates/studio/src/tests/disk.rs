//! Disks that do not do as they are told, and files for other programs.
use super::bed::{Bed, deck};
use crate::{Command, NoticeKind};
use engine::SwapAt;
use jobs::Pool;
use library::{Disk, Library, RealDisk};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use take::{PartKind, StemKind};

/// A disk that is full while it is told so.
#[derive(Debug, Default)]
struct FakeFullDisk {
    is_full: AtomicBool,
}

impl Disk for FakeFullDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(ErrorKind::StorageFull.into());
        }
        RealDisk.write(file, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
}

fn bed_on(disk: Arc<FakeFullDisk>) -> Bed {
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let library = Library::with_disk(dir.path(), disk);
    let mut bed = Bed::with(Arc::new(Pool::with_threads(0)), library, dir, Arc::default());
    bed.activate(super::bed::RATE_HZ);
    bed.run();
    bed
}

#[test]
fn on_a_full_disk_the_loop_still_plays_and_is_saved_when_there_is_room() {
    let disk = Arc::new(FakeFullDisk::default());
    disk.is_full.store(true, Ordering::SeqCst);
    let mut bed = bed_on(disk.clone());
    let takes = [0, 1].map(|index| bed.made(index, 1 + index as u64));
    assert!(bed.loudest() > 0.1);
    assert!(bed.notices()[0].text.contains("could not be saved: the disk is full"), "{:#?}", bed.notices());
    for _ in 0..6 {
        bed.now += Duration::from_secs(11);
        bed.run();
    }
    assert_eq!(bed.notices().len(), 2, "one sentence for each take, however often it is tried");
    assert!(takes.iter().all(|&take| bed.core.saves.holds(take)));
    disk.is_full.store(false, Ordering::SeqCst);
    bed.now += Duration::from_secs(11);
    bed.run();
    assert!(takes.iter().all(|&take| bed.core.env.library.contains(take) && !bed.core.saves.holds(take)));
}

#[test]
fn unsaved_takes_do_not_eat_the_memory_and_are_offered_again() {
    let disk = Arc::new(FakeFullDisk::default());
    disk.is_full.store(true, Ordering::SeqCst);
    let mut bed = bed_on(disk.clone());
    let first = bed.made(0, 1);
    for seed in 2..=12 {
        bed.made(0, seed);
        bed.now += Duration::from_secs(11);
        // One attempt for each of those that wait.
        (0..12).for_each(|_| {
            bed.now += Duration::from_secs(11);
            bed.run();
        });
    }
    let missing = bed.view(0).history.iter().filter(|row| row.is_missing).count();
    assert!((1..=4).contains(&missing), "{missing} of 12 were given up");
    assert!(bed.view(0).history[0].is_missing, "the oldest goes first");
    disk.is_full.store(false, Ordering::SeqCst);
    bed.core.obey(Command::Restore { deck: deck(0), take: first });
    bed.run();
    assert!(!bed.view(0).history[0].is_missing);
}

#[test]
fn a_library_folder_that_cannot_be_written_is_a_sentence() {
    let mut bed = Bed::active();
    // A file where the folder should be refuses everybody, the superuser too.
    fs::write(bed.dir.path().join("takes"), "in the way").unwrap();
    let take = bed.made(0, 1);
    assert!(bed.only_notice().contains("could not be saved"), "{}", bed.only_notice());
    assert_eq!(bed.playing(0), Some(take));
    assert!(bed.loudest() > 0.1);
}

#[test]
fn closing_saves_what_has_not_been_saved() {
    let mut bed = Bed::active();
    bed.generate(0, 1);
    bed.tick();
    bed.pool.run_next();
    while bed.view(0).current.is_none() {
        bed.pool.run_next();
        bed.tick();
    }
    let take = bed.view(0).current.unwrap();
    assert!(!bed.core.env.library.contains(take));
    bed.core.close();
    assert!(bed.core.env.library.contains(take));
}

#[test]
fn a_take_that_can_never_be_saved_is_told_once_and_holds_up_nobody() {
    let mut bed = Bed::active();
    let first = bed.made(0, 1);
    let whole = bed.view(0).take.expect("loaded");
    // Its content has another hash.
    let broken = take::Take { id: take::TakeId([7; 32]), ..(*whole).clone() };
    bed.core.save(Arc::new(broken));
    bed.run();
    assert!(bed.only_notice().contains("is not saved, and the project will miss it"), "{}", bed.only_notice());
    let second = bed.made(0, 2);
    assert!([first, second].iter().all(|&take| bed.core.env.library.contains(take)), "it was held up");
    assert!(!bed.core.saves.holds(take::TakeId([7; 32])));
    bed.now += Duration::from_secs(11);
    bed.run();
    assert_eq!(bed.notices().len(), 1);
}

#[test]
fn closing_goes_on_behind_a_take_that_cannot_be_saved() {
    let mut bed = Bed::active();
    let takes: Vec<_> = (0..3).map(|index| bed.made(index, index as u64)).collect();
    takes.iter().for_each(|&take| fs::remove_dir_all(bed.take_dir(take)).unwrap());
    let whole = [0, 1, 2].map(|index| bed.view(index).take.expect("loaded"));
    // The first one's content is another's.
    bed.core.save(Arc::new(take::Take { id: takes[0], ..(*whole[1]).clone() }));
    whole[1..].iter().for_each(|take| bed.core.save(take.clone()));
    bed.core.close();
    assert_eq!(takes.iter().map(|&take| bed.core.env.library.contains(take)).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn exports_are_written_and_named() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::Export { take, dir: None });
    bed.core.obey(Command::ExportStem { take, stem: StemKind::Drums });
    bed.core.obey(Command::ExportPart { take, part: PartKind::Drums });
    bed.run();
    let notices = bed.notices();
    assert_eq!(notices.len(), 3, "{notices:#?}");
    for notice in notices {
        let path = notice.path.expect("a path");
        assert!(notice.kind == NoticeKind::Info && path.exists() && path.starts_with(bed.dir.path().join("exports")));
    }
}

#[test]
fn an_export_of_nothing_is_a_sentence() {
    let mut bed = Bed::active();
    let take = bed.made(0, 1);
    bed.core.obey(Command::ExportStem { take, stem: StemKind::Melody });
    bed.run();
    assert_eq!(bed.only_notice(), "Nothing was exported: this take has no melody stem.");
}

#[test]
fn a_take_whose_file_goes_while_another_plays_leaves_that_one_playing() {
    let mut bed = Bed::active();
    let takes = [1, 2].map(|seed| bed.made(0, seed));
    fs::remove_dir_all(bed.take_dir(takes[0])).unwrap();
    let cell = Arc::new(crate::ManifestCell::default());
    cell.restore(bed.cell.get());
    let mut again = bed.sibling(cell);
    again.activate(super::bed::RATE_HZ);
    // Chosen before anybody has looked whether it is there.
    again.tick();
    while again.view(0).take.is_none() {
        again.pool.run_next();
        again.tick();
    }
    again.play_block();
    again.play_block();
    again.tick();
    again.core.deck(deck(0)).edit(takes[0], |row| row.is_missing = false);
    again.core.obey(Command::Select { deck: deck(0), take: takes[0], at: SwapAt::Now });
    again.run();
    assert_eq!((again.view(0).current, again.playing(0)), (Some(takes[1]), Some(takes[1])));
    assert!(again.view(0).history[0].is_missing);
}
