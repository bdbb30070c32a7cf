//! A VST3 host as small as a comparison between systems allows: loads, sets parameters, plays, records the main bus.
//!
//! No window, no events; what hosts really do with a VST3 the DAWs under `tests/hosts` show.
#![expect(unsafe_code, reason = "COM: every call goes through a pointer that a plugin gave")]
#![allow(clippy::unnecessary_cast, reason = "the enumerations are signed on Windows and unsigned elsewhere")]
mod changes;
mod stream;

use anyhow::{Context, Result, ensure};
use changes::{Change, Changes};
use std::ffi::{CStr, c_char, c_void};
use std::path::Path;
use std::ptr::null_mut;
use stream::Stream;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_ as told;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, BusDirections_, BusInfo, IAudioProcessor, IAudioProcessorTrait,
    IComponent, IComponentTrait, IEditController, IEditControllerTrait, IParameterChanges, MediaTypes_, ParameterInfo,
    ProcessContext, ProcessData, ProcessModes_, ProcessSetup, SymbolicSampleSizes_,
};
use vst3::Steinberg::{IBStream, IPluginBaseTrait, IPluginFactory, IPluginFactoryTrait, PClassInfo, kResultOk};
use vst3::{ComPtr, ComWrapper, Interface};

const AUDIO: i32 = MediaTypes_::kAudio as i32;
const INPUT: i32 = BusDirections_::kInput as i32;
const OUTPUT: i32 = BusDirections_::kOutput as i32;

/// Where the transport is in a block.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Quarter notes since the song's start, at the block's first frame.
    pub beats: f64,
    /// Tempo in BPM.
    pub bpm: f64,
    /// The transport rolls.
    pub is_playing: bool,
}

/// One active instance.
pub struct Vst3 {
    processor: ComPtr<IAudioProcessor>,
    controller: ComPtr<IEditController>,
    component: ComPtr<IComponent>,
    inputs: Buses,
    outputs: Buses,
    rate_hz: u32,
    // Last: its code runs until everything above is gone.
    _library: libloading::Library,
}

impl Vst3 {
    /// Loads a bundle and makes its first plugin active for blocks of up to `max_frames`.
    ///
    /// # Errors
    /// Files that cannot be loaded, and everything the plugin refuses.
    pub fn load(bundle: &Path, rate_hz: u32, max_frames: usize) -> Result<Self> {
        let path = binary(bundle)?;
        // SAFETY: our own build, or a bundle the user named; its initialisers have no requirements.
        let library = unsafe { libloading::Library::new(&path) }.with_context(|| path.display().to_string())?;
        let component = instance(&library)?;
        // SAFETY: a live component; no host context is needed by the interfaces used here.
        ensure!(unsafe { component.initialize(null_mut()) } == kResultOk, "initialize is refused");
        let processor = component.cast::<IAudioProcessor>().context("no IAudioProcessor")?;
        let controller = component.cast::<IEditController>().context("no IEditController in the component")?;
        let mut setup = ProcessSetup {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            maxSamplesPerBlock: i32::try_from(max_frames)?,
            sampleRate: f64::from(rate_hz),
        };
        // SAFETY: an initialised component and a setup that outlives the call.
        unsafe {
            ensure!(processor.setupProcessing(&mut setup) == kResultOk, "the setup is refused");
            let inputs = Buses::activate(&component, INPUT, max_frames)?;
            let outputs = Buses::activate(&component, OUTPUT, max_frames)?;
            ensure!(component.setActive(1) == kResultOk, "the plugin does not become active");
            // May answer that it is not implemented: it is a notice.
            processor.setProcessing(1);
            Ok(Self { processor, controller, component, inputs, outputs, rate_hz, _library: library })
        }
    }

    /// How many parameters there are, hidden ones included.
    pub fn num_params(&self) -> usize {
        // SAFETY: a live controller.
        usize::try_from(unsafe { self.controller.getParameterCount() }).unwrap_or(0)
    }

    /// The id of the parameter called `title`.
    ///
    /// # Errors
    /// When there is none.
    pub fn param(&self, title: &str) -> Result<u32> {
        for index in 0..self.num_params() {
            // SAFETY: plain data, for which zeros are valid; the plugin fills it.
            let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
            // SAFETY: a live controller and memory of the right kind.
            if unsafe { self.controller.getParameterInfo(i32::try_from(index)?, &mut info) } != kResultOk {
                continue;
            }
            let length = info.title.iter().position(|unit| *unit == 0).unwrap_or(info.title.len());
            let units: Vec<u16> = info.title[..length].iter().map(|unit| *unit as u16).collect();
            if String::from_utf16_lossy(&units) == title {
                return Ok(info.id);
            }
        }
        anyhow::bail!("no parameter is called `{title}`")
    }

    /// The normalised value the plugin makes of a typed text, 0..=1.
    ///
    /// # Errors
    /// When there is no such parameter or it does not take that text.
    pub fn parse(&self, title: &str, text: &str) -> Result<f64> {
        let id = self.param(title)?;
        let mut units: Vec<_> = text.encode_utf16().chain([0]).map(|unit| unit as _).collect();
        let mut value = 0.0;
        // SAFETY: a live controller; the text ends with a zero and outlives the call.
        let answer = unsafe { self.controller.getParamValueByString(id, units.as_mut_ptr(), &mut value) };
        ensure!(answer == kResultOk, "`{title}` does not take `{text}`");
        Ok(value)
    }

    /// The state, as the host would put it into a project.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn save_state(&self) -> Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().context("no COM object")?;
        // SAFETY: a live component and a stream that outlives the call.
        ensure!(unsafe { self.component.getState(pointer.as_ptr()) } == kResultOk, "no state is given");
        Ok(stream.bytes())
    }

    /// Gives a state back.
    ///
    /// # Errors
    /// When the plugin refuses it.
    pub fn load_state(&self, bytes: &[u8]) -> Result<()> {
        let stream = ComWrapper::new(Stream::of(bytes));
        let pointer = stream.to_com_ptr::<IBStream>().context("no COM object")?;
        // SAFETY: as above.
        ensure!(unsafe { self.component.setState(pointer.as_ptr()) } == kResultOk, "the state is refused");
        Ok(())
    }

    /// One block with silent inputs; `changes` (parameter, normalised value) take effect at its first frame. Gives the
    /// main output bus, left and right.
    ///
    /// # Errors
    /// When the plugin refuses, or has no stereo main bus.
    pub fn process(&mut self, num_frames: usize, place: Place, changes: &[(u32, f64)]) -> Result<[&[f32]; 2]> {
        let changes = ComWrapper::new(Changes::new(changes.iter().map(|&(id, value)| Change { id, value })));
        let changes = changes.to_com_ptr::<IParameterChanges>().context("no COM object")?;
        let mut context = self.context(place);
        let (mut inputs, mut outputs) = (self.inputs.for_call(), self.outputs.for_call());
        let mut data = ProcessData {
            processMode: ProcessModes_::kRealtime as i32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            numSamples: i32::try_from(num_frames)?,
            numInputs: i32::try_from(inputs.len())?,
            numOutputs: i32::try_from(outputs.len())?,
            inputs: inputs.as_mut_ptr(),
            outputs: outputs.as_mut_ptr(),
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: null_mut(),
            inputEvents: null_mut(),
            outputEvents: null_mut(),
            processContext: &mut context,
        };
        // SAFETY: everything `data` points to outlives the call, and the buses hold at least `num_frames` frames, as the
        // caller keeps to the `max_frames` of the set-up.
        ensure!(unsafe { self.processor.process(&mut data) } == kResultOk, "a block is refused");
        let main = self.outputs.channels.first().context("no main output bus")?;
        let [left, right] = main.as_slice() else { anyhow::bail!("the main output bus is not stereo") };
        Ok([&left[..num_frames], &right[..num_frames]])
    }

    fn context(&self, place: Place) -> ProcessContext {
        // SAFETY: plain data, for which zeros are valid.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        let playing = if place.is_playing { told::kPlaying } else { 0 };
        let flags = told::kTempoValid | told::kTimeSigValid | told::kProjectTimeMusicValid | told::kBarPositionValid;
        context.state = (playing | flags) as u32;
        context.sampleRate = f64::from(self.rate_hz);
        context.projectTimeSamples = (place.beats * 60.0 / place.bpm * f64::from(self.rate_hz)).round() as i64;
        context.projectTimeMusic = place.beats;
        context.barPositionMusic = (place.beats / 4.0).floor() * 4.0;
        context.tempo = place.bpm;
        (context.timeSigNumerator, context.timeSigDenominator) = (4, 4);
        context
    }
}

impl Drop for Vst3 {
    fn drop(&mut self) {
        // SAFETY: a live instance, in the order the interface asks for.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
            self.component.terminate();
        }
    }
}

/// All buses of one direction with their memory.
struct Buses {
    /// By bus, channel and frame.
    channels: Vec<Vec<Vec<f32>>>,
    pointers: Vec<Vec<*mut f32>>,
}

impl Buses {
    /// # Safety
    /// The component must be initialised and not active.
    unsafe fn activate(component: &ComPtr<IComponent>, direction: i32, max_frames: usize) -> Result<Self> {
        let mut channels = Vec::new();
        // SAFETY: as the caller promises; the info is plain data that the plugin fills.
        unsafe {
            for index in 0..component.getBusCount(AUDIO, direction) {
                let mut info: BusInfo = std::mem::zeroed();
                ensure!(component.getBusInfo(AUDIO, direction, index, &mut info) == kResultOk, "no bus {index}");
                component.activateBus(AUDIO, direction, index, 1);
                channels.push(vec![vec![0.0; max_frames]; usize::try_from(info.channelCount)?]);
            }
        }
        Ok(Self { channels, pointers: Vec::new() })
    }

    /// What a call of `process` is given; valid until the next call of anything here.
    fn for_call(&mut self) -> Vec<AudioBusBuffers> {
        let pointers = |bus: &mut Vec<Vec<f32>>| bus.iter_mut().map(|channel| channel.as_mut_ptr()).collect();
        self.pointers = self.channels.iter_mut().map(pointers).collect();
        let buffers = self.pointers.iter_mut().map(|bus| AudioBusBuffers {
            numChannels: bus.len() as i32,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: bus.as_mut_ptr() },
        });
        buffers.collect()
    }
}

/// The library inside a bundle.
fn binary(bundle: &Path) -> Result<std::path::PathBuf> {
    let (folder, extension) = if cfg!(windows) { ("x86_64-win", "vst3") } else { ("x86_64-linux", "so") };
    let name = bundle.file_stem().context("a bundle without a name")?;
    Ok(bundle.join("Contents").join(folder).join(name).with_extension(extension))
}

/// The first audio plugin of a library.
fn instance(library: &libloading::Library) -> Result<ComPtr<IComponent>> {
    type Entry = unsafe extern "system" fn(*mut c_void) -> bool;
    type Factory = unsafe extern "system" fn() -> *mut IPluginFactory;
    let entry: &[u8] = if cfg!(windows) { b"InitDll\0" } else { b"ModuleEntry\0" };
    // SAFETY: the signatures of the VST3 interface; `InitDll` takes nothing, and ignores what is in a register.
    unsafe {
        let entry = library.get::<Entry>(entry).context("no entry point")?;
        ensure!(entry(null_mut()), "the module does not start");
        let factory = library.get::<Factory>(b"GetPluginFactory\0").context("no factory")?;
        let factory = ComPtr::from_raw(factory()).context("the factory is null")?;
        for index in 0..factory.countClasses() {
            let mut class: PClassInfo = std::mem::zeroed();
            let is_told = factory.getClassInfo(index, &mut class) == kResultOk;
            if !is_told || CStr::from_ptr(class.category.as_ptr()) != c"Audio Module Class" {
                continue;
            }
            let mut made = null_mut();
            let wanted = IComponent::IID;
            let answer = factory.createInstance(class.cid.as_ptr(), wanted.as_ptr().cast::<c_char>(), &mut made);
            ensure!(answer == kResultOk, "the factory makes no instance");
            return ComPtr::from_raw(made.cast::<IComponent>()).context("the instance is null");
        }
    }
    anyhow::bail!("the factory has no audio plugin")
}
