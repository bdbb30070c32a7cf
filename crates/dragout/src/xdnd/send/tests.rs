use super::*;
use proptest::prelude::*;

const A: Receiver = Receiver { window: 10, mailbox: 11, version: 5 };
const B: Receiver = Receiver { window: 20, mailbox: 20, version: 4 };

fn run(sender: &mut Sender, happenings: impl IntoIterator<Item = (u64, Happening)>) -> Vec<Order> {
    let mut orders = Vec::new();
    happenings.into_iter().for_each(|(ms, happening)| sender.handle(happening, ms, &mut orders));
    orders
}

fn point(x: i16) -> RootPoint {
    RootPoint { x, y: 0 }
}

fn over(x: i16, over: Option<Receiver>) -> Happening {
    Happening::Pointer { at: point(x), over }
}

fn says(receiver: Receiver, is_accepted: bool) -> Happening {
    Happening::Status { window: receiver.window, is_accepted, quiet: None }
}

fn finished(receiver: Receiver, is_taken: bool) -> Happening {
    Happening::Finished { window: receiver.window, is_taken }
}

#[test]
fn a_drop_is_entered_asked_dropped_and_finished() {
    let mut sender = Sender::default();
    let orders = run(&mut sender, [(0, over(1, Some(A))), (5, says(A, true)), (6, Happening::Released)]);
    let expected = [Order::Enter(A), Order::Position(A, point(1)), Order::Show { is_accepted: true }, Order::Drop(A)];
    assert_eq!(orders, expected);
    assert!(sender.is_dropped());
    assert_eq!(run(&mut sender, [(9, finished(A, true))]), [Order::End(DragOutcome::Taken)]);
}

#[test]
fn a_receiver_that_was_given_the_drop_and_denies_it_is_not_believed() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (5, says(A, true)), (6, Happening::Released)]);
    assert_eq!(run(&mut sender, [(9, finished(A, false))]), [Order::End(DragOutcome::Unconfirmed)]);
}

#[test]
fn no_second_position_is_sent_before_the_answer_and_the_last_one_is() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A)))]);
    assert_eq!(run(&mut sender, [(1, over(2, Some(A))), (2, over(3, Some(A)))]), []);
    assert_eq!(run(&mut sender, [(3, says(A, false))]), [Order::Position(A, point(3))]);
    assert_eq!(run(&mut sender, [(4, says(A, false)), (5, over(3, Some(A)))]), []);
}

#[test]
fn another_window_is_entered_after_the_first_is_left() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, says(A, true))]);
    let orders = run(&mut sender, [(2, over(2, Some(B)))]);
    let shown = Order::Show { is_accepted: false };
    assert_eq!(orders, [Order::Leave(A), Order::Enter(B), Order::Position(B, point(2)), shown]);
    assert_eq!(run(&mut sender, [(3, says(A, true))]), [], "the first one's answer is too late");
    assert_eq!(run(&mut sender, [(4, over(3, None))]), [Order::Leave(B)]);
}

#[test]
fn a_release_waits_for_the_answer_to_the_place_of_the_release() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, over(2, Some(A)))]);
    assert_eq!(run(&mut sender, [(2, Happening::Released)]), []);
    assert_eq!(run(&mut sender, [(3, says(A, true))]), [Order::Position(A, point(2))]);
    assert_eq!(run(&mut sender, [(4, says(A, true))]), [Order::Drop(A)]);
}

#[test]
fn a_release_where_nobody_is_or_nobody_wants_it_ends_quietly() {
    let mut sender = Sender::default();
    let orders = run(&mut sender, [(0, over(1, None)), (1, Happening::Released)]);
    assert_eq!(orders, [Order::End(DragOutcome::Nowhere)]);
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, says(A, false))]);
    let orders = run(&mut sender, [(2, Happening::Released)]);
    assert_eq!(orders, [Order::Leave(A), Order::End(DragOutcome::Refused)]);
}

#[test]
fn escape_leaves_and_ends_but_not_after_the_drop() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, says(A, true))]);
    let orders = run(&mut sender, [(2, Happening::Cancelled)]);
    assert_eq!(orders, [Order::Leave(A), Order::End(DragOutcome::Cancelled)]);
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, says(A, true)), (2, Happening::Released)]);
    assert_eq!(run(&mut sender, [(3, Happening::Cancelled)]), []);
}

#[test]
fn who_never_answers_gets_nothing() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (1, Happening::Released)]);
    assert_eq!(run(&mut sender, [(STATUS_TIMEOUT_MS - 1, Happening::Tick)]), []);
    let orders = run(&mut sender, [(STATUS_TIMEOUT_MS, Happening::Tick)]);
    assert_eq!(orders, [Order::Leave(A), Order::End(DragOutcome::Refused)]);
}

#[test]
fn a_silent_receiver_is_asked_again_when_the_pointer_moves() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A))), (STATUS_TIMEOUT_MS, Happening::Tick)]);
    assert_eq!(run(&mut sender, [(STATUS_TIMEOUT_MS + 1, over(2, Some(A)))]), [Order::Position(A, point(2))]);
}

#[test]
fn a_drop_nobody_confirms_or_whose_receiver_dies_ends_too() {
    let dropped = [(0, over(1, Some(A))), (1, says(A, true)), (2, Happening::Released)];
    let mut sender = Sender::default();
    run(&mut sender, dropped);
    assert_eq!(run(&mut sender, [(FINISH_TIMEOUT_MS + 1, Happening::Tick)]), []);
    assert_eq!(run(&mut sender, [(FINISH_TIMEOUT_MS + 2, Happening::Tick)]), [Order::End(DragOutcome::Unconfirmed)]);
    let mut sender = Sender::default();
    run(&mut sender, dropped);
    assert_eq!(run(&mut sender, [(3, Happening::Gone { window: A.window })]), [Order::End(DragOutcome::Lost)]);
}

#[test]
fn a_receiver_that_dies_under_the_pointer_is_not_left() {
    let mut sender = Sender::default();
    run(&mut sender, [(0, over(1, Some(A)))]);
    assert_eq!(run(&mut sender, [(1, Happening::Gone { window: A.window }), (2, over(1, None))]), []);
}

#[test]
fn quiet_places_are_respected() {
    let mut sender = Sender::default();
    let quiet = Some(QuietRect { at: point(0), width: 10, height: 10 });
    run(&mut sender, [(0, over(1, Some(A)))]);
    run(&mut sender, [(1, Happening::Status { window: A.window, is_accepted: true, quiet })]);
    assert_eq!(run(&mut sender, [(2, over(9, Some(A)))]), []);
    assert_eq!(run(&mut sender, [(3, over(10, Some(A)))]), [Order::Position(A, point(10))]);
}

fn any_receiver() -> impl Strategy<Value = Receiver> {
    prop::sample::select(vec![A, B])
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => (0..5_i16, prop::option::of(any_receiver())).prop_map(|(x, receiver)| over(x, receiver)),
        6 => (any_receiver(), any::<bool>()).prop_map(|(receiver, is_accepted)| says(receiver, is_accepted)),
        1 => Just(Happening::Released),
        1 => Just(Happening::Cancelled),
        2 => Just(Happening::Tick),
        1 => any_receiver().prop_map(|receiver| Happening::Gone { window: receiver.window }),
        1 => (any_receiver(), any::<bool>()).prop_map(|(receiver, is_taken)| finished(receiver, is_taken)),
    ]
}

proptest! {
    /// Whatever happens: one window is entered at a time, only an entered one hears anything, only one that said yes
    /// gets the drop, nothing follows the end, and the end comes.
    #[test]
    fn any_drag_keeps_to_the_protocol(happenings in prop::collection::vec((0..600_u64, any_happening()), 0..80)) {
        let mut sender = Sender::default();
        let (mut entered, mut has_ended, mut now) = (None, false, 0);
        let mut is_asked = false;
        let closing = [Happening::Released, Happening::Tick, Happening::Tick].map(|happening| (FINISH_TIMEOUT_MS, happening));
        for (pause, happening) in happenings.into_iter().chain(closing) {
            now += pause;
            if let Happening::Status { window, .. } = happening {
                is_asked &= entered.is_none_or(|to: Receiver| to.window != window);
            }
            if let Happening::Tick = happening {
                is_asked = false;
            }
            for order in run(&mut sender, [(now, happening)]) {
                prop_assert!(!has_ended, "{order:?} after the end");
                match order {
                    Order::Enter(to) => {
                        // A window that is gone is not left.
                        entered = Some(to);
                        is_asked = false;
                    }
                    Order::Position(to, _) => {
                        prop_assert_eq!(entered, Some(to));
                        prop_assert!(!is_asked, "a second position without an answer");
                        is_asked = true;
                    }
                    Order::Leave(to) => prop_assert_eq!(entered.take(), Some(to)),
                    Order::Drop(to) => prop_assert_eq!(entered, Some(to)),
                    Order::Show { .. } => {}
                    Order::End(_) => has_ended = true,
                }
            }
        }
        prop_assert!(has_ended);
    }
}
