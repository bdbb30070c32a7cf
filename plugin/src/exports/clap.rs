//! The CLAP entry point: the framework's plugin behind a `process` that completes the host's buses.
#![expect(unsafe_code, reason = "a C interface")]
use super::controllers::{Controllers, tell};
use super::pad::{Channels, NUM_OUTPUTS, Pad, complete};
use crate::Continuo;
use crate::midi_learn;
use crate::params::ContinuoParams;
use atomic_refcell::AtomicRefCell;
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::ext::audio_ports::{CLAP_EXT_AUDIO_PORTS, clap_plugin_audio_ports};
use clap_sys::process::{CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, CLAP_VERSION, PluginDescriptor, Wrapper, clap_host, clap_plugin, clap_plugin_descriptor,
    clap_plugin_entry, clap_plugin_factory,
};
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::{Arc, OnceLock};

/// What a CLAP host looks for in the library.
#[unsafe(no_mangle)]
#[used]
#[allow(non_upper_case_globals, reason = "the name is the interface")]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(factory),
};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(count),
    get_plugin_descriptor: Some(descriptor),
    create_plugin: Some(create),
};

static DESCRIPTOR: OnceLock<PluginDescriptor> = OnceLock::new();

unsafe extern "C" fn init(_path: *const c_char) -> bool {
    nice_plug::wrapper::setup_logger::<Continuo>();
    true
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn factory(id: *const c_char) -> *const c_void {
    // SAFETY: the host passes null or a C string.
    let is_ours = !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID;
    if is_ours { (&raw const FACTORY).cast() } else { null() }
}

unsafe extern "C" fn count(_factory: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn descriptor(_factory: *const clap_plugin_factory, index: u32) -> *const clap_plugin_descriptor {
    let descriptor = DESCRIPTOR.get_or_init(PluginDescriptor::for_plugin::<Continuo>);
    if index == 0 { descriptor.clap_plugin_descriptor() } else { null() }
}

unsafe extern "C" fn create(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    // SAFETY: the host passes null or a C string.
    if id.is_null() || unsafe { CStr::from_ptr(id) }.to_bytes() != Continuo::CLAP_ID.as_bytes() {
        return null();
    }
    // SAFETY: `host` comes from the host and lives as long as the plugin. The reference that `into_raw` keeps is the
    // one the framework's `destroy` gives back.
    let framework = unsafe { (*Arc::into_raw(Wrapper::<Continuo>::new(host))).clap_plugin.as_ptr() };
    // SAFETY: the pointer is to a plugin that was just made.
    let framework = unsafe { *framework };
    let plugin = clap_plugin { activate: Some(activate), process: Some(process), destroy: Some(destroy), ..framework };
    let params = midi_learn::last_made();
    let padded = Padded { plugin, framework, buses: AtomicRefCell::default(), params };
    Box::into_raw(Box::new(padded)).cast::<clap_plugin>().cast_const()
}

/// The plugin as the host sees it. Every function but three is the framework's own; it finds its data through
/// `plugin_data`, which is copied along.
#[repr(C)]
struct Padded {
    /// First, so that a pointer to it is a pointer to the whole.
    plugin: clap_plugin,
    framework: clap_plugin,
    buses: AtomicRefCell<Buses>,
    /// The plugin's own, for what the framework drops.
    params: Option<Arc<ContinuoParams>>,
}

#[derive(Default)]
struct Buses {
    pad: Pad,
    controllers: Controllers,
    /// Channels of the main output in the chosen layout.
    num_main_channels: u32,
}

/// # Safety
/// `plugin` was made by [`create`] and is not destroyed.
unsafe fn padded<'a>(plugin: *const clap_plugin) -> &'a Padded {
    // SAFETY: `Padded` is repr(C) with the plugin first.
    unsafe { &*plugin.cast::<Padded>() }
}

unsafe extern "C" fn activate(plugin: *const clap_plugin, rate: f64, min_frames: u32, max_frames: u32) -> bool {
    // SAFETY: the host calls this with the plugin it was given.
    let padded = unsafe { padded(plugin) };
    {
        // SAFETY: as above.
        let num_main_channels = unsafe { main_channels(plugin, &padded.framework) };
        let Ok(mut buses) = padded.buses.try_borrow_mut() else { return false };
        let (pad, controllers) = (Pad::new(max_frames as usize), Controllers::new());
        *buses = Buses { pad, controllers, num_main_channels };
    }
    // SAFETY: the framework's own function with the arguments the host gave.
    padded.framework.activate.is_some_and(|activate| unsafe { activate(plugin, rate, min_frames, max_frames) })
}

/// # Safety
/// `plugin` is alive and `framework` is its table.
unsafe fn main_channels(plugin: *const clap_plugin, framework: &clap_plugin) -> u32 {
    let Some(get_extension) = framework.get_extension else { return 0 };
    // SAFETY: the extension is null or the structure that its name stands for.
    unsafe {
        let ports = get_extension(plugin, CLAP_EXT_AUDIO_PORTS.as_ptr()).cast::<clap_plugin_audio_ports>();
        let Some(get) = ports.as_ref().and_then(|ports| ports.get) else { return 0 };
        let mut info = MaybeUninit::uninit();
        if get(plugin, 0, false, info.as_mut_ptr()) { info.assume_init().channel_count } else { 0 }
    }
}

unsafe extern "C" fn process(plugin: *const clap_plugin, process: *const clap_process) -> clap_process_status {
    // SAFETY: the host calls this with the plugin it was given and a block that lives through the call.
    let (padded, Some(given)) = (unsafe { (padded(plugin), process.as_ref()) }) else { return CLAP_PROCESS_ERROR };
    let (Some(next), Ok(mut buses)) = (padded.framework.process, padded.buses.try_borrow_mut()) else {
        return CLAP_PROCESS_ERROR;
    };
    let num_frames = given.frames_count as usize;
    let num_main_channels = buses.num_main_channels;

    // SAFETY: the host gives `audio_inputs_count` and `audio_outputs_count` buses, or null.
    let mut input = unsafe { bus(given.audio_inputs, given.audio_inputs_count, 0) };
    let mut outputs: [clap_audio_buffer; NUM_OUTPUTS] =
        std::array::from_fn(|index| unsafe { bus(given.audio_outputs, given.audio_outputs_count, index) });
    // SAFETY: the channel counts in the buses are the host's.
    let mut input_channels = unsafe { channels(&input, buses.pad.silence(num_frames)) };
    let mut output_channels: [Channels; NUM_OUTPUTS] =
        std::array::from_fn(|index| unsafe { channels(&outputs[index], buses.pad.sink(index, num_frames)) });
    if input_channels.iter().chain(output_channels.as_flattened()).any(|channel| channel.is_null()) {
        return CLAP_PROCESS_ERROR;
    }

    attach(&mut input, &mut input_channels, 2);
    // A host without a main output only wants its events read: no channels, no sound.
    let num_main_channels = if outputs[0].channel_count == 0 { 0 } else { num_main_channels };
    for (index, (bus, channels)) in outputs.iter_mut().zip(&mut output_channels).enumerate() {
        attach(bus, channels, if index == 0 { num_main_channels } else { 2 });
    }
    let params = padded.params.as_deref();
    // SAFETY: the host's list lives through the call.
    let events = params.and_then(|params| unsafe { buses.controllers.translate(given.in_events, &params.midi) });
    let complete = clap_process {
        in_events: events.as_ref().map_or(given.in_events, |events| &raw const *events),
        audio_inputs: &raw const input,
        audio_inputs_count: 1,
        audio_outputs: outputs.as_mut_ptr(),
        audio_outputs_count: NUM_OUTPUTS as u32,
        ..*given
    };
    // SAFETY: the framework's own function; every bus of every layout now has its channels, `num_frames` long.
    let status = unsafe { next(plugin, &raw const complete) };
    if let Some(params) = params {
        // SAFETY: the host's list lives through the call.
        unsafe { tell(given.out_events, &params.midi, given.frames_count.saturating_sub(1)) };
    }
    status
}

/// Bus `index` of the host, or one without channels.
///
/// # Safety
/// `buses` is null or points to `count` buses.
unsafe fn bus(buses: *const clap_audio_buffer, count: u32, index: usize) -> clap_audio_buffer {
    if buses.is_null() || index >= count as usize {
        return clap_audio_buffer {
            data32: null_mut(),
            data64: null_mut(),
            channel_count: 0,
            latency: 0,
            constant_mask: 0,
        };
    }
    // SAFETY: index < count.
    unsafe { *buses.add(index) }
}

/// # Safety
/// `bus` is one of the host's, or has no channels.
unsafe fn channels(bus: &clap_audio_buffer, spare: Channels) -> Channels {
    // SAFETY: a host's bus has `channel_count` channel pointers, or null.
    unsafe { complete(bus.data32, bus.channel_count as usize, spare) }
}

fn attach(bus: &mut clap_audio_buffer, channels: &mut Channels, num_channels: u32) {
    bus.data32 = channels.as_mut_ptr();
    bus.channel_count = num_channels;
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host destroys a plugin once; the framework lets go of its own data first.
    unsafe {
        if let Some(destroy) = padded(plugin).framework.destroy {
            destroy(plugin);
        }
        drop(Box::from_raw(plugin.cast_mut().cast::<Padded>()));
    }
}
