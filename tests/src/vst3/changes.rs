//! Parameter changes as a VST3 host hands them over: one point for each parameter, at the first frame.
use std::ptr::null_mut;
use vst3::Steinberg::Vst::{
    IParamValueQueue, IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait, ParamID, ParamValue,
};
use vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk, tresult};
use vst3::{Class, ComWrapper};

/// A parameter's new normalised value, 0..=1.
pub struct Change {
    pub id: u32,
    pub value: f64,
}

/// All changes of a block.
pub struct Changes {
    queues: Vec<ComWrapper<Change>>,
}

impl Changes {
    pub fn new(changes: impl Iterator<Item = Change>) -> Self {
        Self { queues: changes.map(ComWrapper::new).collect() }
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl Class for Change {
    type Interfaces = (IParamValueQueue,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> i32 {
        self.queues.len() as i32
    }

    unsafe fn getParameterData(&self, index: i32) -> *mut IParamValueQueue {
        let queue = usize::try_from(index).ok().and_then(|index| self.queues.get(index));
        queue.and_then(ComWrapper::as_com_ref).map_or(null_mut(), |queue| queue.as_ptr())
    }

    unsafe fn addParameterData(&self, _id: *const ParamID, _index: *mut i32) -> *mut IParamValueQueue {
        null_mut()
    }
}

impl IParamValueQueueTrait for Change {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> i32 {
        1
    }

    unsafe fn getPoint(&self, index: i32, offset_frames: *mut i32, value: *mut ParamValue) -> tresult {
        if index != 0 {
            return kInvalidArgument;
        }
        // SAFETY: the interface promises places for both answers.
        unsafe {
            *offset_frames = 0;
            *value = self.value;
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _offset_frames: i32, _value: ParamValue, _index: *mut i32) -> tresult {
        kResultFalse
    }
}
