//! One instance of the plugin, from loading the file to blocks of sound.
use super::ParamEntry;
use anyhow::{Context, Result, bail};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamInfoBuffer, ParamInfoFlags,
    ParamRescanFlags, PluginParams,
};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::{HostState, HostStateImpl, PluginState};
use clack_host::events::Match;
use clack_host::events::event_types::{ParamValueEvent, TransportEvent};
use clack_host::prelude::*;
use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Callbacks the plugin may make.
pub(crate) struct TestHost;

#[derive(Default)]
pub(crate) struct Shared {
    wants_callback: AtomicBool,
    /// Size the window asked for last, packed; 0 when it asks for nothing.
    pub(crate) wanted_size: AtomicU64,
}

impl<'a> SharedHandler<'a> for Shared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.wants_callback.store(true, Ordering::Release);
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {}
}

/// The window asks for its size here; who embeds it looks at `wanted_size`.
impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, size: GuiSize) -> Result<(), HostError> {
        self.wanted_size.store(size.pack_to_u64(), Ordering::Release);
        Ok(())
    }
    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn closed(&self, _was_destroyed: bool) {}
}

pub(crate) struct Main;

impl<'a> MainThreadHandler<'a> for Main {}

impl HostParamsImplMainThread for Main {
    fn rescan(&self, _flags: ParamRescanFlags) {}
    fn clear(&self, _param: ClapId, _flags: ParamClearFlags) {}
}

impl HostStateImpl for Main {
    fn mark_dirty(&self) {}
}

impl HostHandlers for TestHost {
    type Shared<'a> = Shared;
    type MainThread<'a> = Main;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Self::Shared<'_>) {
        builder.register::<HostParams>().register::<HostState>().register::<HostGui>();
    }
}

/// One audio bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Channels.
    pub num_channels: usize,
}

/// The buses of an instance, main first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Into the plugin.
    pub inputs: Vec<Port>,
    /// Out of it.
    pub outputs: Vec<Port>,
}

/// Life of an instance, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Loaded, not activated.
    Idle,
    /// Activated.
    Active,
}

/// One instance of the plugin.
pub struct Plugin {
    // Dropped first, as clack asks for: an instance outlived by its processor leaks.
    processor: Option<PluginAudioProcessor<TestHost>>,
    pub(crate) instance: PluginInstance<TestHost>,
    params: Vec<ParamEntry>,
    pub(crate) rate_hz: u32,
    pub(crate) max_frames: usize,
    pub(crate) steady_frames: u64,
}

/// The library or CLAP bundle under test: `CONTINUO_CLAP`, else what cargo built beside this program.
///
/// # Errors
/// When there is none; says how to build one.
pub fn plugin_path() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CONTINUO_CLAP") {
        return Ok(PathBuf::from(path));
    }
    let file = format!("{}continuo_plugin{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let program = std::env::current_exe()?;
    // A test program lies in `deps`, a binary one folder up.
    program.ancestors().skip(1).take(2).map(|folder| folder.join(&file)).find(|path| path.exists()).with_context(|| {
        format!("no {file} beside {}; build it with `cargo build -p continuo-plugin`", program.display())
    })
}

impl Plugin {
    /// Loads the plugin under test and makes an instance.
    ///
    /// # Errors
    /// When the file cannot be loaded or holds no plugin.
    pub fn load() -> Result<Self> {
        Self::load_from(&plugin_path()?)
    }

    /// Loads the first plugin of a CLAP file.
    ///
    /// # Errors
    /// When the file cannot be loaded or holds no plugin.
    #[expect(unsafe_code, reason = "loading a plugin runs its code; there is no safe way to say so")]
    pub fn load_from(path: &Path) -> Result<Self> {
        // SAFETY: the file is our own build, or one the user named; its initialisers have no requirements.
        let entry = unsafe { PluginEntry::load(path) }.with_context(|| format!("cannot load {}", path.display()))?;
        let id: CString = {
            let factory = entry.get_plugin_factory().context("the file has no plugin factory")?;
            let descriptor = factory.plugin_descriptors().next().context("the factory makes no plugin")?;
            descriptor.id().context("the plugin has no id")?.to_owned()
        };
        let info = HostInfo::new("Continuo tests", "Continuo", "", env!("CARGO_PKG_VERSION"))?;
        let mut instance = PluginInstance::<TestHost>::new(|_| Shared::default(), |_| Main, &entry, &id, &info)?;
        let params = describe_params(&mut instance)?;
        Ok(Self { processor: None, instance, params, rate_hz: 0, max_frames: 1, steady_frames: 0 })
    }

    /// Every parameter, in the plugin's order.
    pub fn params(&self) -> &[ParamEntry] {
        &self.params
    }

    /// The parameter called `name`.
    ///
    /// # Errors
    /// When there is none of that name, or two.
    pub fn param(&self, name: &str) -> Result<&ParamEntry> {
        let mut found = self.params.iter().filter(|param| param.name == name);
        match (found.next(), found.next()) {
            (Some(param), None) => Ok(param),
            (None, _) => bail!("no parameter is called `{name}`"),
            (Some(_), Some(_)) => bail!("two parameters are called `{name}`"),
        }
    }

    /// Value of a parameter, `min..=max`.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub fn value(&mut self, name: &str) -> Result<f64> {
        let id = self.param(name)?.id;
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().context("no params extension")?;
        params.get_value(&handle, id).with_context(|| format!("`{name}` has no value"))
    }

    /// A value as the plugin prints it.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub fn text(&mut self, name: &str, value: f64) -> Result<String> {
        let id = self.param(name)?.id;
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().context("no params extension")?;
        let mut buffer = [0; 256];
        let text = params.value_to_text(&handle, id, value, &mut buffer);
        Ok(String::from_utf8_lossy(text.with_context(|| format!("`{name}` does not print {value}"))?).into_owned())
    }

    /// What the plugin makes of a typed text.
    ///
    /// # Errors
    /// When there is no such parameter or it does not take that text.
    pub fn parse(&mut self, name: &str, text: &str) -> Result<f64> {
        let id = self.param(name)?.id;
        let handle = self.instance.plugin_handle();
        let params: PluginParams = handle.get_extension().context("no params extension")?;
        let typed = CString::new(text)?;
        params.text_to_value(&handle, id, &typed).with_context(|| format!("`{name}` does not take `{text}`"))
    }

    /// Sets parameters at once, as a host does without rolling: through `flush`.
    ///
    /// # Errors
    /// When there is no such parameter.
    pub fn set(&mut self, values: &[(&str, f64)]) -> Result<()> {
        let mut events = EventBuffer::new();
        for (name, value) in values {
            events.push(&value_event(self.param(name)?.id, 0, *value));
        }
        let params: PluginParams =
            self.instance.plugin_handle().get_extension().context("the plugin has no params extension")?;
        let mut told = EventBuffer::new();
        match &mut self.processor {
            Some(processor) => {
                params.flush_active(&mut processor.plugin_handle(), &events.as_input(), &mut told.as_output());
            }
            None => {
                let mut handle = self.instance.inactive_plugin_handle().context("the instance is active")?;
                params.flush(&mut handle, &events.as_input(), &mut told.as_output());
            }
        }
        Ok(())
    }

    /// Sets a parameter by what it prints: `set_text("Style", "Deep house")`.
    ///
    /// # Errors
    /// When there is no such parameter or it does not take that text.
    pub fn set_text(&mut self, name: &str, text: &str) -> Result<()> {
        let value = self.parse(name, text)?;
        self.set(&[(name, value)])
    }

    /// The audio buses as they are now.
    ///
    /// # Errors
    /// When the plugin has no audio ports.
    pub fn layout(&mut self) -> Result<Layout> {
        let handle = self.instance.plugin_handle();
        let ports: PluginAudioPorts = handle.get_extension().context("no audio ports extension")?;
        let side = |is_input: bool| -> Result<Vec<Port>> {
            let mut buffer = AudioPortInfoBuffer::new();
            (0..ports.count(&handle, is_input))
                .map(|index| {
                    let info = ports.get(&handle, index, is_input, &mut buffer).context("a port without info")?;
                    let name = String::from_utf8_lossy(info.name).into_owned();
                    Ok(Port { name, num_channels: info.channel_count as usize })
                })
                .collect()
        };
        Ok(Layout { inputs: side(true)?, outputs: side(false)? })
    }

    /// Names of the bus arrangements a host may choose from.
    pub fn arrangements(&mut self) -> Vec<String> {
        let handle = self.instance.plugin_handle();
        let Some(configs) = handle.get_extension::<PluginAudioPortsConfig>() else { return Vec::new() };
        let mut buffer = AudioPortsConfigBuffer::new();
        (0..configs.count(&handle))
            .filter_map(|index| {
                let config = configs.get(&handle, index, &mut buffer)?;
                Some(String::from_utf8_lossy(config.name).into_owned())
            })
            .collect()
    }

    /// Chooses a bus arrangement by its place in [`Plugin::arrangements`]. Only while not active.
    ///
    /// # Errors
    /// When there is no such arrangement or the plugin refuses it.
    pub fn choose_arrangement(&mut self, index: usize) -> Result<()> {
        let handle = self.instance.plugin_handle();
        let configs: PluginAudioPortsConfig = handle.get_extension().context("the plugin has one arrangement only")?;
        let mut buffer = AudioPortsConfigBuffer::new();
        let id = configs.get(&handle, index as u32, &mut buffer).context("no such arrangement")?.id;
        configs.select(&handle, id).context("the plugin refused the arrangement")
    }

    /// Activates and starts processing. A second call deactivates first.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn activate(&mut self, rate_hz: u32, max_frames: usize) -> Result<()> {
        self.deactivate();
        let config = PluginAudioConfiguration {
            sample_rate: f64::from(rate_hz),
            min_frames_count: 1,
            max_frames_count: max_frames as u32,
        };
        let processor = self.instance.activate(|_, _| (), config)?;
        self.processor =
            Some(processor.start_processing().map_err(|_| anyhow::anyhow!("start_processing failed"))?.into());
        self.rate_hz = rate_hz;
        self.max_frames = max_frames;
        Ok(())
    }

    /// Tells the plugin that the host renders offline, or not; heard with the next activation.
    ///
    /// # Errors
    /// When the plugin does not know the difference, or refuses.
    pub fn set_offline(&mut self, is_offline: bool) -> Result<()> {
        let handle = self.instance.plugin_handle();
        let render: PluginRender = handle.get_extension().context("no render extension")?;
        let mode = if is_offline { RenderMode::Offline } else { RenderMode::Realtime };
        render.set(&handle, mode).map_err(|_| anyhow::anyhow!("the plugin refused the render mode"))
    }

    /// Stops processing and deactivates; nothing when not active.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.instance.deactivate(processor.into_stopped());
        }
    }

    /// Whether it is activated.
    pub fn stage(&self) -> Stage {
        if self.processor.is_some() { Stage::Active } else { Stage::Idle }
    }

    /// The plugin's state, as the host would put it into a project.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn save_state(&mut self) -> Result<Vec<u8>> {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().context("no state extension")?;
        let mut bytes = Vec::new();
        state.save(&handle, &mut bytes)?;
        Ok(bytes)
    }

    /// Gives a state back.
    ///
    /// # Errors
    /// When the plugin refuses it.
    pub fn load_state(&mut self, bytes: &[u8]) -> Result<()> {
        let handle = self.instance.plugin_handle();
        let state: PluginState = handle.get_extension().context("no state extension")?;
        Ok(state.load(&handle, &mut std::io::Cursor::new(bytes))?)
    }

    /// Does what the plugin asked the main thread for, if anything.
    pub fn idle(&mut self) {
        let wants = self.instance.access_shared_handler(|shared| shared.wants_callback.swap(false, Ordering::AcqRel));
        if wants {
            self.instance.call_on_main_thread_callback();
        }
    }

    /// One process call.
    pub(crate) fn process(&mut self, call: Call<'_>) -> Result<()> {
        let processor = self.processor.as_mut().context("the instance is not active")?;
        let num_frames = call.num_frames;
        let mut in_ports = AudioPorts::with_capacity(64, 16);
        let mut out_ports = AudioPorts::with_capacity(64, 16);
        let inputs = in_ports.with_input_buffers(call.inputs.iter_mut().map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_input_only(
                port.iter_mut().map(|channel| InputChannel::variable(&mut channel[..num_frames])),
            ),
        }));
        let mut outputs = out_ports.with_output_buffers(call.outputs.iter_mut().map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(port.iter_mut().map(|channel| &mut channel[..num_frames])),
        }));
        let started = processor.as_started_mut()?;
        started.process(
            &inputs,
            &mut outputs,
            &call.events_in.as_input(),
            &mut call.events_out.as_output(),
            Some(self.steady_frames),
            call.transport.as_ref(),
        )?;
        self.steady_frames += num_frames as u64;
        Ok(())
    }

    /// Forgets tails and positions, as a host does after a locate.
    pub fn reset(&mut self) {
        if let Some(processor) = &mut self.processor {
            processor.reset();
        }
    }
}

/// What goes into and comes out of one process call.
pub(crate) struct Call<'a> {
    pub num_frames: usize,
    pub inputs: &'a mut [Vec<Vec<f32>>],
    pub outputs: &'a mut [Vec<Vec<f32>>],
    pub events_in: &'a EventBuffer,
    pub events_out: &'a mut EventBuffer,
    pub transport: Option<TransportEvent>,
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.deactivate();
    }
}

pub(crate) fn value_event(id: ClapId, offset: u32, value: f64) -> ParamValueEvent {
    let everything = Pckn::new(Match::<u16>::All, Match::<u16>::All, Match::<u16>::All, Match::<u32>::All);
    ParamValueEvent::new(offset, id, everything, value)
}

fn describe_params(instance: &mut PluginInstance<TestHost>) -> Result<Vec<ParamEntry>> {
    let handle = instance.plugin_handle();
    let params: PluginParams = handle.get_extension().context("the plugin has no parameters")?;
    let mut buffer = ParamInfoBuffer::new();
    (0..params.count(&handle))
        .map(|index| {
            let info = params.get_info(&handle, index, &mut buffer).context("a parameter without info")?;
            Ok(ParamEntry {
                id: info.id,
                name: String::from_utf8_lossy(info.name).into_owned(),
                min: info.min_value,
                max: info.max_value,
                default: info.default_value,
                is_stepped: info.flags.contains(ParamInfoFlags::IS_STEPPED),
                is_automatable: info.flags.contains(ParamInfoFlags::IS_AUTOMATABLE),
            })
        })
        .collect()
}
