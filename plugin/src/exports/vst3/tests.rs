#![expect(unsafe_code, reason = "plays the host of a COM interface")]
use super::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::BusDirections;

fn arrange(plugin: &Padded, inputs: &[SpeakerArrangement], outputs: &[SpeakerArrangement]) -> tresult {
    let (mut inputs, mut outputs) = (inputs.to_vec(), outputs.to_vec());
    let (num_ins, num_outs) = (inputs.len() as int32, outputs.len() as int32);
    // SAFETY: as many arrangements as said.
    unsafe { plugin.setBusArrangements(inputs.as_mut_ptr(), num_ins, outputs.as_mut_ptr(), num_outs) }
}

fn arranged(plugin: &Padded, direction: BusDirections, index: int32) -> Option<SpeakerArrangement> {
    let mut speakers = 77;
    // SAFETY: the place to write to is ours.
    let result = unsafe { plugin.getBusArrangement(direction as BusDirection, index, &mut speakers) };
    (result == kResultOk).then_some(speakers)
}

const INPUT: BusDirections = BusDirections_::kInput;
const OUTPUT: BusDirections = BusDirections_::kOutput;

#[test]
fn a_host_may_switch_off_every_bus_but_the_main_output() {
    let plugin = Padded::new();
    assert_eq!(arrange(&plugin, &[0], &[3, 0, 3, 0, 0, 0, 0]), kResultOk);
    assert_eq!(arranged(&plugin, INPUT, 0), Some(0));
    assert_eq!([0, 1, 2, 6].map(|bus| arranged(&plugin, OUTPUT, bus)), [Some(3), Some(0), Some(3), Some(0)]);
    assert_eq!(arrange(&plugin, &[3], &[0, 3, 3, 3, 3, 3, 3]), kResultFalse);
    assert_eq!(arranged(&plugin, OUTPUT, 0), Some(3));
}

#[test]
fn other_bus_counts_and_channel_counts_are_refused() {
    let plugin = Padded::new();
    for (inputs, outputs) in [
        (&[][..], &[3u64][..]),
        (&[3], &[3]),
        (&[3, 3], &[3; 7]),
        (&[3], &[1, 3, 3, 3, 3, 3, 3]),
        (&[3], &[3, 3, 3, 3, 3, 3, 0x3f]),
    ] {
        assert_eq!(arrange(&plugin, inputs, outputs), kResultFalse, "{inputs:?} {outputs:?}");
    }
    assert_eq!([-1, 1, 7].map(|bus| arranged(&plugin, INPUT, bus)), [None; 3]);
    assert_eq!([-1, 7].map(|bus| arranged(&plugin, OUTPUT, bus)), [None; 2]);
}
