use super::*;
use proptest::prelude::*;

/// Takes MIDI files, left of x = 10.
struct FakeRules;

impl Rules for FakeRules {
    fn wants(&self, files: &[PathBuf]) -> bool {
        !files.is_empty() && files.iter().all(|file| file.extension().is_some_and(|ending| ending == "mid"))
    }

    fn is_in_zone(&self, at: PixelPoint) -> bool {
        at.x < 10
    }
}

const SOURCE: u32 = 7;

fn hear(receiver: &mut Receiver, heard: impl IntoIterator<Item = Heard>) -> Vec<Answer> {
    let mut answers = Vec::new();
    heard.into_iter().for_each(|heard| receiver.handle(heard, &FakeRules, &mut answers));
    answers
}

fn enter() -> Heard {
    Heard::Enter { source: SOURCE, has_files: true }
}

fn at(x: i32) -> Heard {
    Heard::Position { source: SOURCE, at: PixelPoint { x, y: 0 }, time: 100 }
}

fn files(names: &[&str]) -> Heard {
    Heard::Files(names.iter().map(PathBuf::from).collect())
}

fn status(is_accepted: bool) -> Answer {
    Answer::Status { source: SOURCE, is_accepted }
}

fn hover(x: i32) -> Answer {
    Answer::Tell(DropEvent::Hover { files: Arc::from([PathBuf::from("/a.mid")]), at: PixelPoint { x, y: 0 } })
}

fn dropped(x: i32) -> Answer {
    Answer::Tell(DropEvent::Dropped { files: Arc::from([PathBuf::from("/a.mid")]), at: PixelPoint { x, y: 0 } })
}

fn finished(is_taken: bool) -> Answer {
    Answer::Finished { source: SOURCE, is_taken }
}

const DROP: Heard = Heard::Drop { source: SOURCE, time: 200 };

#[test]
fn a_drop_gives_the_files_and_the_place() {
    let mut receiver = Receiver::default();
    let answers = hear(&mut receiver, [enter(), at(1), files(&["/a.mid"]), at(2), DROP]);
    let ask = Answer::AskFiles { time: 100 };
    assert_eq!(answers, [ask, status(true), hover(1), status(true), hover(2), dropped(2), finished(true)]);
}

#[test]
fn a_list_that_comes_after_the_drop_is_waited_for() {
    let mut receiver = Receiver::default();
    assert_eq!(hear(&mut receiver, [enter(), at(1), DROP]), [Answer::AskFiles { time: 100 }, status(true)]);
    assert_eq!(hear(&mut receiver, [files(&["/a.mid"])]), [dropped(1), finished(true)]);
}

#[test]
fn files_of_other_kinds_are_refused_as_soon_as_they_are_known() {
    let mut receiver = Receiver::default();
    hear(&mut receiver, [enter(), at(1)]);
    assert_eq!(hear(&mut receiver, [files(&["/a.mid", "/b.txt"]), at(2)]), [status(false), status(false)]);
    assert_eq!(hear(&mut receiver, [DROP]), [finished(false)]);
}

#[test]
fn outside_of_the_zones_nothing_is_taken() {
    let mut receiver = Receiver::default();
    hear(&mut receiver, [enter(), at(1), files(&["/a.mid"])]);
    assert_eq!(hear(&mut receiver, [at(10)]), [status(false), hover(10)]);
    assert_eq!(hear(&mut receiver, [DROP]), [Answer::Tell(DropEvent::Left), finished(false)]);
}

#[test]
fn who_leaves_or_is_replaced_has_left_once() {
    let mut receiver = Receiver::default();
    hear(&mut receiver, [enter(), at(1), files(&["/a.mid"])]);
    let leave = || Heard::Leave { source: SOURCE };
    assert_eq!(hear(&mut receiver, [leave(), leave()]), [Answer::Tell(DropEvent::Left)]);
    hear(&mut receiver, [enter(), at(1), files(&["/a.mid"])]);
    assert_eq!(hear(&mut receiver, [enter()]), [Answer::Tell(DropEvent::Left)]);
}

#[test]
fn strangers_get_a_plain_no() {
    let mut receiver = Receiver::default();
    assert_eq!(hear(&mut receiver, [at(1), DROP, files(&["/a.mid"])]), [status(false), finished(false)]);
}

fn any_heard() -> impl Strategy<Value = Heard> {
    let source = 7..9_u32;
    prop_oneof![
        (source.clone(), any::<bool>()).prop_map(|(source, has_files)| Heard::Enter { source, has_files }),
        (source.clone(), 0..20).prop_map(|(source, x)| Heard::Position { source, at: PixelPoint { x, y: 0 }, time: 1 }),
        source.clone().prop_map(|source| Heard::Leave { source }),
        source.prop_map(|source| Heard::Drop { source, time: 2 }),
        prop::sample::select(vec!["/a.mid", "/b.txt"]).prop_map(|name| Heard::Files(vec![name.into()])),
    ]
}

proptest! {
    /// Whatever programs send: every position is answered, hovers end by exactly one Left or Dropped, and what is
    /// taken lies in a zone and is wanted.
    #[test]
    fn any_order_of_messages_is_survived(all in prop::collection::vec(any_heard(), 0..60)) {
        let mut receiver = Receiver::default();
        let mut is_hovering = false;
        for heard in all {
            let answers = hear(&mut receiver, [heard.clone()]);
            if let Heard::Position { source, .. } = heard {
                let answered = answers.iter().any(|a| matches!(a, Answer::Status { source: to, .. } if *to == source));
                prop_assert!(answered);
            }
            for answer in answers {
                match answer {
                    Answer::Tell(DropEvent::Hover { files, .. }) => {
                        prop_assert!(FakeRules.wants(&files));
                        is_hovering = true;
                    }
                    Answer::Tell(DropEvent::Left) => {
                        prop_assert!(is_hovering);
                        is_hovering = false;
                    }
                    Answer::Tell(DropEvent::Dropped { files, at }) => {
                        prop_assert!(FakeRules.wants(&files) && FakeRules.is_in_zone(at));
                        is_hovering = false;
                    }
                    _ => {}
                }
            }
        }
    }
}
