//! The VST3 module: one class, made by one factory.
#![expect(unsafe_code, reason = "a COM interface")]
use super::Padded;
use crate::Continuo;
use nice_plug::wrapper::vst3::PluginInfo;
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3, IPluginFactory3Trait,
    IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo, TUID, int32, kInvalidArgument, kResultOk,
    tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};
use std::ffi::c_void;
use std::ptr::null_mut;

/// What a VST3 host asks for first. The reference it holds is the host's to release.
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    let factory = ComWrapper::new(Factory(PluginInfo::for_plugin::<Continuo>()));
    factory.to_com_ptr::<IPluginFactory>().map_or(null_mut(), |factory| factory.into_raw().cast())
}

macro_rules! module_entry_points {
    ($os:meta, $abi:literal, $enter:ident($($argument:ty)?), $leave:ident) => {
        /// The host has loaded the module.
        #[unsafe(no_mangle)]
        #[cfg($os)]
        pub extern $abi fn $enter($(_handle: $argument)?) -> bool {
            nice_plug::wrapper::setup_logger::<Continuo>();
            true
        }

        /// The host is about to unload the module.
        #[unsafe(no_mangle)]
        #[cfg($os)]
        pub extern $abi fn $leave() -> bool {
            true
        }
    };
}

module_entry_points!(all(target_family = "unix", not(target_os = "macos")), "C", ModuleEntry(*mut c_void), ModuleExit);
module_entry_points!(target_os = "macos", "C", bundleEntry(*mut c_void), bundleExit);
module_entry_points!(target_os = "windows", "system", InitDll(), ExitDll);

struct Factory(PluginInfo);

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

/// Writes `value` where the host wants it.
///
/// # Safety
/// `place` is null or the host's to be written.
unsafe fn answer<T>(index: int32, place: *mut T, value: T) -> tresult {
    if index != 0 || place.is_null() {
        return kInvalidArgument;
    }
    // SAFETY: not null, and the caller vouches for it.
    unsafe { place.write(value) };
    kResultOk
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's structure.
        unsafe { answer(0, info, self.0.create_factory_info()) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's structure.
        unsafe { answer(index, info, self.0.create_class_info()) }
    }

    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, obj: *mut *mut c_void) -> tresult {
        // SAFETY: null or the sixteen bytes of a class id.
        let is_ours = unsafe { cid.cast::<[u8; 16]>().as_ref() }.is_some_and(|cid| cid == self.0.cid);
        if !is_ours || obj.is_null() {
            return kInvalidArgument;
        }
        let plugin = ComWrapper::new(Padded::new());
        let Some(unknown) = plugin.as_com_ref::<FUnknown>().map(|unknown| unknown.as_ptr()) else {
            return kInvalidArgument;
        };
        // SAFETY: a live object's own table; it takes the reference that the host will release.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid.cast::<TUID>(), obj) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's structure.
        unsafe { answer(index, info, self.0.create_class_info_2()) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's structure.
        unsafe { answer(index, info, self.0.create_class_info_unicode()) }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}
