//! Ends the loading of a model that nobody waits for any more.
//!
//! The runtime has a call for it since 1.22. The binding offers it only to programs that refuse older libraries, and ours
//! takes them from 1.17 on: so it is looked up here, and without it a load that was begun runs to its end.
#![expect(unsafe_code, reason = "a function of the runtime that the binding hides")]
use crate::runtime_lock as lock;
use ort::AsPointer;
use ort::session::builder::SessionBuilder;
use ort::sys::{OrtApiBase, OrtSessionOptions, OrtStatusPtr};
use std::ffi::CStr;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::Mutex;

/// The first library that has the call, the second number of its version.
const SINCE_MINOR: u32 = 22;
/// Its place in the table of functions, which only ever grows: `onnxruntime_c_api.h` of 1.22, `OrtApi`.
const PLACE: usize = 293;

/// `SessionOptionsSetLoadCancellationFlag`.
type SetFlag = unsafe extern "system" fn(*mut OrtSessionOptions, bool) -> OrtStatusPtr;

/// The call, where the loaded library has it.
#[derive(Clone, Copy)]
pub(crate) struct LoadCancellation(SetFlag);

impl LoadCancellation {
    /// Looks for it in the library that the binding has loaded and never unloads; `None` for any other.
    pub(crate) fn find(file: &Path) -> Option<Self> {
        // SAFETY: as the binding loads it; a library that is loaded already does nothing more.
        let library = unsafe { libloading::Library::new(file) }.ok()?;
        // SAFETY: every ONNX Runtime exports this function with this signature.
        let base = unsafe { library.get::<unsafe extern "C" fn() -> *const OrtApiBase>(b"OrtGetApiBase\0") }.ok()?;
        // SAFETY: it only returns the address of a constant.
        let base = unsafe { base().as_ref() }?;
        // SAFETY: a constant text of the library.
        let version = unsafe { CStr::from_ptr((base.GetVersionString)()) };
        if !has_call(version.to_str().ok()?) {
            return None;
        }
        // The binding keeps the first library it has opened, even if another file was asked for since.
        // SAFETY: every version answers with the table for an older one, or with null.
        let of_binding = unsafe { (base.GetApi)(ort::sys::ORT_API_VERSION) };
        if !std::ptr::eq(of_binding, ort::api()) {
            return None;
        }
        // SAFETY: the version was asked for before, so that the library does not complain on the terminal.
        let table: *const SetFlag = unsafe { (base.GetApi)(SINCE_MINOR) }.cast();
        // SAFETY: a table of this version has more functions than that, and none of them is null.
        (!table.is_null()).then(|| Self(unsafe { *table.add(PLACE) }))
    }

    fn set(self, options: NonNull<OrtSessionOptions>) {
        // SAFETY: the options live, see `LoadSwitch`, and the runtime allows the call while it loads.
        let status = unsafe { (self.0)(options.as_ptr(), true) };
        if !status.0.is_null() {
            // SAFETY: a status that was returned is released once.
            unsafe { (ort::api().ReleaseStatus)(status.0) };
        }
    }
}

/// `1.22.0` and later.
fn has_call(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(Some(1)), Some(Some(minor))) if minor >= SINCE_MINOR)
}

/// Held by who loads and by who waits for it.
#[derive(Default)]
pub(super) struct LoadSwitch {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_off: bool,
    /// While a load runs with them: they live as long as they stand here.
    options: Option<NonNull<OrtSessionOptions>>,
}

// SAFETY: the pointer is only given to a function that may be called from any thread, under the lock.
unsafe impl Send for State {}

impl LoadSwitch {
    /// Ends the load that runs, and all that would follow.
    pub(super) fn turn_off(&self, cancellation: Option<LoadCancellation>) {
        let mut state = lock(&self.state);
        state.is_off = true;
        if let (Some(options), Some(cancellation)) = (state.options, cancellation) {
            cancellation.set(options);
        }
    }

    /// Loads something, unless it was turned off before.
    pub(super) fn load<T>(
        &self,
        builder: &mut SessionBuilder,
        load: impl FnOnce(&mut SessionBuilder) -> ort::Result<T>,
    ) -> ort::Result<T> {
        let options = NonNull::new(builder.ptr_mut());
        {
            let mut state = lock(&self.state);
            if state.is_off {
                return Err(ort::Error::new("nobody waits for it any more"));
            }
            state.options = options;
        }
        let _forget = Forget(self);
        load(builder)
    }
}

/// Forgets the options before they go, whatever way the load ends.
struct Forget<'a>(&'a LoadSwitch);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).options = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Runtime, RuntimeSearch};
    use ort::session::Session;
    use std::path::PathBuf;

    const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/htdemucs/wave_4.onnx");

    /// The library that `cargo xtask test` installs has the call.
    fn library() -> PathBuf {
        PathBuf::from(std::env::var_os("ORT_DYLIB_PATH").expect("ORT_DYLIB_PATH must name ONNX Runtime's library"))
    }

    fn builder() -> SessionBuilder {
        let search = RuntimeSearch { setting: Some(library()), ..RuntimeSearch::default() };
        let runtime = Runtime::find(&search).unwrap();
        Session::builder(runtime.environment()).unwrap()
    }

    #[test]
    fn the_runtime_ends_a_load_whose_flag_is_set() {
        let cancellation = LoadCancellation::find(&library()).expect("1.22 or later");
        let mut builder = builder();
        cancellation.set(NonNull::new(builder.ptr_mut()).unwrap());
        let error = builder.commit_from_file(MODEL).unwrap_err();
        assert_eq!(error.code(), ort::ErrorCode::ModelLoadCanceled, "{error}");
    }

    #[test]
    fn a_switch_ends_the_load_that_runs_and_refuses_the_next() {
        let cancellation = LoadCancellation::find(&library());
        let switch = LoadSwitch::default();
        let mut builder = builder();
        switch.load(&mut builder, |builder| builder.commit_from_file(MODEL)).unwrap();
        let in_the_middle = switch.load(&mut builder, |builder| {
            switch.turn_off(cancellation);
            builder.commit_from_file(MODEL)
        });
        assert_eq!(in_the_middle.unwrap_err().code(), ort::ErrorCode::ModelLoadCanceled);
        switch.load(&mut builder, |_| -> ort::Result<()> { panic!("it is off") }).unwrap_err();
    }

    #[test]
    fn the_call_is_looked_for_in_versions_that_have_it() {
        assert!(["1.22.0", "1.23.2", "1.31.1", "1.22.0-rc1"].iter().all(|version| has_call(version)));
        assert!(["1.21.1", "1.17.3", "2.0.0", "1", "", "one.22"].iter().all(|version| !has_call(version)));
    }
}
