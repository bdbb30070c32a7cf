//! How the window opens: in the size and scale that the project remembers.
//!
//! The framework's editor is made anew for every opening, because its size is set when it is made, and a project may be
//! loaded between two openings. Its idea of the window's size leaves out the user's scale; what the host is told here
//! has it.
use super::app::{App, Inside};
use crate::link::StudioLink;
use crate::params::ContinuoParams;
use atomic_refcell::AtomicRefCell;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize, Size};
use nice_plug::editor::{
    Editor, EditorHandle, HostMethods, ParentWindowHandle, ResizeHint, SizeConstraints, SpawnedEditor,
};
use nice_plug::plugin::TrackInfo;
use nice_plug_egui::{
    EguiEditor, EguiEditorHandle, EguiEditorState, EguiNiceSettings, GlConfig, GraphicsConfig, RepaintNotifier,
    baseview, create_egui_editor,
};
use std::error::Error;
use std::sync::Arc;
use studio::WindowState;

/// Smallest and largest window, points.
const MIN_SIZE: (f32, f32) = (760.0, 480.0);
const MAX_SIZE: (f32, f32) = (2560.0, 1600.0);

/// The editor of one instance.
pub struct ContinuoEditor {
    params: Arc<ContinuoParams>,
    link: Arc<StudioLink>,
    open: AtomicRefCell<Option<Open>>,
}

struct Open {
    state: Arc<EguiEditorState>,
    editor: EguiEditor<App>,
    inside: Arc<Inside>,
}

/// What a host does to an open window.
pub struct Handle(EguiEditorHandle);

/// An open window. When it is dropped it is closed, and its thread has ended.
pub struct Window {
    window: Option<baseview::Window>,
    inside: Arc<Inside>,
}

impl Drop for Window {
    fn drop(&mut self) {
        self.window = None;
        self.inside.close();
    }
}

impl Window {
    fn with(&self, act: impl FnOnce(&baseview::Window) -> Result<(), baseview::Error>) -> Result<(), baseview::Error> {
        self.window.as_ref().map_or(Ok(()), act)
    }
}

impl EditorHandle for Handle {
    type Window = Window;
    type Error = baseview::Error;

    fn run_until_closed(mut window: Window) -> Result<(), baseview::Error> {
        window.window.take().map_or(Ok(()), EguiEditorHandle::run_until_closed)
    }

    fn set_parent(&self, parent: ParentWindowHandle, window: &Window) -> Result<(), baseview::Error> {
        window.with(|window| self.0.set_parent(parent, window))
    }

    fn show(&self, window: &Window) -> Result<(), baseview::Error> {
        window.with(|window| self.0.show(window))
    }

    fn hide(&self, window: &Window) -> Result<(), baseview::Error> {
        window.with(|window| self.0.hide(window))
    }

    fn set_size(&self, size: NativeSize<u32>, window: &Window) -> Result<(), baseview::Error> {
        window.with(|window| self.0.set_size(size, window))
    }

    fn host_main_thread_callback(&self, window: &Window) {
        window.window.iter().for_each(|window| self.0.host_main_thread_callback(window));
    }

    fn adjust_size(&self, size: NativeSize<u32>, window: &Window) -> Option<NativeSize<u32>> {
        self.0.adjust_size(size, window.window.as_ref()?)
    }

    fn set_fallback_scale_factor(&self, scale: f64, window: &Window) -> Result<(), baseview::Error> {
        window.with(|window| self.0.set_fallback_scale_factor(scale, window))
    }

    fn state_changed(&self) {
        self.0.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalized_value: f32) {
        self.0.param_value_changed(id, normalized_value);
    }

    fn param_modulation_changed(&self, id: &str, modulation_offset: f32) {
        self.0.param_modulation_changed(id, modulation_offset);
    }
}

impl ContinuoEditor {
    /// Opens nothing yet.
    pub fn new(params: Arc<ContinuoParams>, link: Arc<StudioLink>) -> Self {
        Self { params, link, open: AtomicRefCell::new(None) }
    }

    fn remembered(&self) -> WindowState {
        self.params.session.0.get().window
    }

    fn make(&self) -> Option<Open> {
        let window = self.remembered();
        let zoom = f32::from(window.scale_percent) / 100.0;
        let size = LogicalSize::new(f32::from(window.width_points), f32::from(window.height_points));
        let state = EguiEditorState::from_size(size, zoom);
        let settings = EguiNiceSettings::new().with_tile("Continuo").with_resize_hint(hint(zoom));
        let settings = settings.with_graphics_config(graphics());
        let app = App::new(Arc::clone(&self.params), Arc::clone(&self.link));
        let inside = app.inside();
        let editor = create_egui_editor(Arc::clone(&state), RepaintNotifier::new(), settings, app)?;
        Some(Open { state, editor, inside })
    }
}

/// Flat colours need no dithering, no depth and no conversion of every pixel: on a software renderer each of them costs.
fn graphics() -> GraphicsConfig {
    let gl_config = GlConfig { depth_bits: 0, stencil_bits: 0, srgb: false, ..GlConfig::default() };
    GraphicsConfig { gl_config, dithering: false, ..GraphicsConfig::default() }
}

/// What a host may do with a window whose content is scaled by `zoom`.
fn hint(zoom: f32) -> ResizeHint {
    let scaled = |(width, height): (f32, f32)| Some(LogicalSize::new(width * zoom, height * zoom));
    ResizeHint {
        can_resize: true,
        can_resize_horizontally: true,
        can_resize_vertically: true,
        size_constraints: SizeConstraints::Logical { min_size: scaled(MIN_SIZE), max_size: scaled(MAX_SIZE) },
        ..ResizeHint::default()
    }
}

impl Editor for ContinuoEditor {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Handle>, Box<dyn Error>> {
        let open = self.make().ok_or("the window could not be made")?;
        // A host that gives the parent later gives the scale later too: what is known now is that of the window before.
        let scale = fallback_scale_factor.filter(|_| !wait_for_parent);
        let spawned = open.editor.spawn(parent, wait_for_parent, scale, gui_context, host)?;
        let window = Window { window: Some(spawned.window), inside: Arc::clone(&open.inside) };
        *self.open.borrow_mut() = Some(open);
        Ok(SpawnedEditor { handle: Handle(spawned.handle), window })
    }

    fn size(&self) -> NativeSize<u32> {
        let open = self.open.borrow();
        let Some(state) = open.as_ref().map(|open| &open.state) else {
            let window = self.remembered();
            let zoom = f64::from(window.scale_percent) / 100.0;
            let size = LogicalSize::new(f64::from(window.width_points) * zoom, f64::from(window.height_points) * zoom);
            return NativeSize::from_size(size.into(), 1.0);
        };
        let (logical, physical) = (state.logical_size(), state.physical_size());
        // The framework keeps the system's scale to itself; it shows in the ratio.
        let system = f64::from(physical.width) / f64::from(logical.width.max(1.0));
        let zoom = f64::from(state.user_scale_factor());
        let size = LogicalSize::new(f64::from(logical.width) * zoom, f64::from(logical.height) * zoom);
        NativeSize::from_size(Size::Logical(size), system)
    }

    fn resize_hint(&self) -> ResizeHint {
        match &*self.open.borrow() {
            Some(open) => open.editor.resize_hint(),
            None => hint(f32::from(self.remembered().scale_percent) / 100.0),
        }
    }

    fn track_info_updated(&self, info: TrackInfo) {
        if let Some(open) = &*self.open.borrow() {
            open.editor.track_info_updated(info);
        }
    }
}
