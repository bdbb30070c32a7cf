//! A state on its way between host and plugin: bytes in memory.
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::copy_nonoverlapping;
use vst3::Class;
use vst3::Steinberg::IBStream_::IStreamSeekMode_ as from;
use vst3::Steinberg::{IBStream, IBStreamTrait, kInvalidArgument, kResultOk, tresult};

/// Bytes with a place to read and write at.
#[derive(Default)]
pub struct Stream {
    bytes: RefCell<Vec<u8>>,
    place: Cell<usize>,
}

impl Stream {
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: RefCell::new(bytes.to_vec()), place: Cell::new(0) }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, num_bytes: i32, num_read: *mut i32) -> tresult {
        let (bytes, place) = (self.bytes.borrow(), self.place.get());
        let Ok(wanted) = usize::try_from(num_bytes) else { return kInvalidArgument };
        let count = wanted.min(bytes.len().saturating_sub(place));
        // SAFETY: the interface promises room for `num_bytes`, of which `count` are at most; so many are left here.
        unsafe { copy_nonoverlapping(bytes.as_ptr().wrapping_add(place), buffer.cast(), count) };
        self.place.set(place + count);
        // SAFETY: the caller's place for an answer, or null.
        unsafe { tell(num_read, count as i32) };
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, num_bytes: i32, num_written: *mut i32) -> tresult {
        let (mut bytes, place) = (self.bytes.borrow_mut(), self.place.get());
        let Ok(count) = usize::try_from(num_bytes) else { return kInvalidArgument };
        let end = place + count;
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        // SAFETY: the interface promises `num_bytes` of them; there is room for so many now.
        unsafe { copy_nonoverlapping(buffer.cast::<u8>(), bytes[place..end].as_mut_ptr(), count) };
        self.place.set(end);
        // SAFETY: as above.
        unsafe { tell(num_written, num_bytes) };
        kResultOk
    }

    unsafe fn seek(&self, pos: i64, mode: i32, result: *mut i64) -> tresult {
        let begin = match mode {
            mode if mode == from::kIBSeekSet as i32 => 0,
            mode if mode == from::kIBSeekCur as i32 => self.place.get() as i64,
            _ => self.bytes.borrow().len() as i64,
        };
        let Ok(place) = usize::try_from(begin + pos) else { return kInvalidArgument };
        self.place.set(place);
        // SAFETY: the caller's place for an answer, or null.
        unsafe { tell(result, place as i64) };
        kResultOk
    }

    unsafe fn tell(&self, pos: *mut i64) -> tresult {
        // SAFETY: as above.
        unsafe { tell(pos, self.place.get() as i64) };
        kResultOk
    }
}

/// Answers where an answer is wanted.
///
/// # Safety
/// `at` must be null or a place that may be written to.
unsafe fn tell<T>(at: *mut T, value: T) {
    if !at.is_null() {
        // SAFETY: as the caller promises.
        unsafe { at.write(value) };
    }
}
