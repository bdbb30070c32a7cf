//! The VST3 entry points: the framework's plugin behind a `process` that completes the host's buses, and bus
//! arrangements that a host may switch off one by one.
#![expect(unsafe_code, reason = "a COM interface")]
#![allow(non_snake_case, reason = "the names are the interface")]
mod factory;
mod passed_on;

use super::pad::{Channels, NUM_OUTPUTS, Pad, STEREO, complete};
use crate::Continuo;
use crate::midi_learn;
use crate::params::ContinuoParams;
use atomic_refcell::AtomicRefCell;
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirection, BusDirections_, ChannelContext::IInfoListener, IAudioProcessor,
    IAudioProcessorTrait, IComponent, IEditController, IMidiMapping, INoteExpressionController, IParamValueQueueTrait,
    IParameterChanges, IParameterChangesTrait, IProcessContextRequirements, IUnitInfo, ProcessData, ProcessSetup,
    SpeakerArrangement,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    TBool, int32, kInvalidArgument, kResultFalse, kResultOk, tresult, uint32,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Left and right.
const SPEAKERS_STEREO: SpeakerArrangement = 0b11;
/// A bus the host switched off.
const SPEAKERS_NONE: SpeakerArrangement = 0;
/// Input buses: the sidechain.
const NUM_INPUTS: usize = 1;

/// The plugin as a VST3 host sees it.
pub struct Padded {
    inner: Wrapper<Continuo>,
    pad: AtomicRefCell<Pad>,
    /// What the host arranged: the inputs, then the outputs. One writer (the host's main thread); Relaxed.
    arrangements: [AtomicU64; NUM_INPUTS + NUM_OUTPUTS],
    /// The plugin's own: what learned keys move, the host has to hear of.
    params: Option<Arc<ContinuoParams>>,
}

impl Class for Padded {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl Padded {
    fn new() -> Self {
        let inner = Wrapper::new();
        Self {
            inner,
            params: midi_learn::last_made(),
            pad: AtomicRefCell::default(),
            arrangements: std::array::from_fn(|_| AtomicU64::new(SPEAKERS_STEREO)),
        }
    }

    fn arrangement(&self, direction: BusDirection, index: int32) -> Option<&AtomicU64> {
        let is_input = direction == BusDirections_::kInput as BusDirection;
        let (first, count) = if is_input { (0, NUM_INPUTS) } else { (NUM_INPUTS, NUM_OUTPUTS) };
        let index = usize::try_from(index).ok().filter(|index| *index < count)?;
        self.arrangements.get(first + index)
    }
}

impl IAudioProcessorTrait for Padded {
    /// All buses are stereo; every one but the main output may be switched off.
    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        num_ins: int32,
        outputs: *mut SpeakerArrangement,
        num_outs: int32,
    ) -> tresult {
        if num_ins != NUM_INPUTS as int32 || num_outs != NUM_OUTPUTS as int32 {
            return kResultFalse;
        }
        if inputs.is_null() || outputs.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host gives as many arrangements as it says.
        let wanted = unsafe {
            let inputs = std::slice::from_raw_parts(inputs, NUM_INPUTS);
            [inputs, std::slice::from_raw_parts(outputs, NUM_OUTPUTS)].concat()
        };
        let is_possible = |(index, speakers): (usize, &SpeakerArrangement)| {
            *speakers == SPEAKERS_STEREO || (*speakers == SPEAKERS_NONE && index != NUM_INPUTS)
        };
        if !wanted.iter().enumerate().all(is_possible) {
            return kResultFalse;
        }
        self.arrangements.iter().zip(wanted).for_each(|(kept, wanted)| kept.store(wanted, Ordering::Relaxed));
        kResultOk
    }

    unsafe fn getBusArrangement(&self, direction: BusDirection, index: int32, arr: *mut SpeakerArrangement) -> tresult {
        match self.arrangement(direction, index) {
            Some(arrangement) if !arr.is_null() => {
                // SAFETY: not null, and the host's to be written.
                unsafe { *arr = arrangement.load(Ordering::Relaxed) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // SAFETY: null or the host's setup.
        let Some(max_frames) = (unsafe { setup.as_ref() }).map(|setup| setup.maxSamplesPerBlock) else {
            return kInvalidArgument;
        };
        let Ok(mut pad) = self.pad.try_borrow_mut() else { return kResultFalse };
        *pad = Pad::new(usize::try_from(max_frames).unwrap_or(0));
        // Twice: the framework notes the sample rate together with the process mode of the call before.
        // SAFETY: the host's own argument, passed on.
        unsafe {
            self.inner.setupProcessing(setup);
            self.inner.setupProcessing(setup)
        }
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // SAFETY: null or the host's block, alive through the call.
        let Some(given) = (unsafe { data.as_ref() }) else { return kInvalidArgument };
        if given.numSamples <= 0 || given.numOutputs <= 0 || given.outputs.is_null() {
            // No sound wanted, only parameters: nothing in it is read as a bus.
            // SAFETY: the host's own argument, passed on.
            return unsafe { self.inner.process(data) };
        }
        let Ok(mut pad) = self.pad.try_borrow_mut() else { return kResultFalse };
        let num_frames = given.numSamples as usize;

        // SAFETY: the host gives `numInputs` and `numOutputs` buses, or null.
        let mut input = unsafe { bus(given.inputs, given.numInputs, 0) };
        let mut outputs: [AudioBusBuffers; NUM_OUTPUTS] =
            std::array::from_fn(|index| unsafe { bus(given.outputs, given.numOutputs, index) });
        // SAFETY: the channel counts in the buses are the host's.
        let mut input_channels = unsafe { channels(&input, pad.silence(num_frames)) };
        let mut output_channels: [Channels; NUM_OUTPUTS] =
            std::array::from_fn(|index| unsafe { channels(&outputs[index], pad.sink(index, num_frames)) });
        if input_channels.iter().chain(output_channels.as_flattened()).any(|channel| channel.is_null()) {
            return kResultFalse;
        }

        attach(&mut input, &mut input_channels, STEREO);
        // Live passes a main bus without channels while the plugin is bypassed: no channels, no sound.
        let num_main_channels = if outputs[0].numChannels == 0 { 0 } else { STEREO };
        for (index, (bus, channels)) in outputs.iter_mut().zip(&mut output_channels).enumerate() {
            attach(bus, channels, if index == 0 { num_main_channels } else { STEREO });
        }
        let mut complete = ProcessData {
            numInputs: NUM_INPUTS as int32,
            inputs: &raw mut input,
            numOutputs: NUM_OUTPUTS as int32,
            outputs: outputs.as_mut_ptr(),
            ..*given
        };
        // SAFETY: the framework's own function; every bus now has its channels, `num_frames` long.
        let result = unsafe { self.inner.process(&raw mut complete) };
        if let Some(params) = &self.params {
            // SAFETY: null or the host's changes, alive through the call.
            unsafe { tell(given.outputParameterChanges, &params.midi) };
        }
        result
    }

    unsafe fn canProcessSampleSize(&self, size: int32) -> tresult {
        // SAFETY: passed on.
        unsafe { self.inner.canProcessSampleSize(size) }
    }

    unsafe fn getLatencySamples(&self) -> uint32 {
        // SAFETY: passed on.
        unsafe { self.inner.getLatencySamples() }
    }

    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        // SAFETY: passed on.
        unsafe { self.inner.setProcessing(state) }
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        // SAFETY: passed on.
        unsafe { self.inner.getTailSamples() }
    }
}

/// Tells the host what learned keys have moved in this block.
///
/// # Safety
/// `changes` is null or the host's object.
unsafe fn tell(changes: *mut IParameterChanges, learn: &midi_learn::MidiLearn) {
    // SAFETY: null or the host's object.
    let Some(changes) = (unsafe { ComRef::from_raw(changes) }) else { return };
    learn.moved(|param, normalized, _| {
        let mut index = 0;
        // SAFETY: the host reads the id and gives a queue of its own, or null; it may have no room for one.
        unsafe {
            if let Some(queue) = ComRef::from_raw(changes.addParameterData(&param, &mut index)) {
                queue.addPoint(0, normalized, &mut index);
            }
        }
    });
}

/// Bus `index` of the host, or one without channels.
///
/// # Safety
/// `buses` is null or points to `count` buses.
unsafe fn bus(buses: *mut AudioBusBuffers, count: int32, index: usize) -> AudioBusBuffers {
    if buses.is_null() || index >= usize::try_from(count).unwrap_or(0) {
        // SAFETY: a bus is numbers and pointers; all zero is "no channels".
        return unsafe { std::mem::zeroed() };
    }
    // SAFETY: index < count.
    unsafe { *buses.add(index) }
}

/// # Safety
/// `bus` is one of the host's, or has no channels.
unsafe fn channels(bus: &AudioBusBuffers, spare: Channels) -> Channels {
    let num_channels = usize::try_from(bus.numChannels).unwrap_or(0);
    // SAFETY: a host's bus has `numChannels` channel pointers of 32-bit samples (the only size we accept), or null.
    unsafe { complete(bus.__field0.channelBuffers32, num_channels, spare) }
}

fn attach(bus: &mut AudioBusBuffers, channels: &mut Channels, num_channels: usize) {
    bus.numChannels = num_channels as int32;
    bus.__field0.channelBuffers32 = channels.as_mut_ptr();
}

#[cfg(test)]
mod tests;
