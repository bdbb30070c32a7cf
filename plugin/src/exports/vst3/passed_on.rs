//! Every interface that has nothing to do with buses goes to the framework as it comes.
#![expect(unsafe_code, reason = "a COM interface")]
use super::Padded;
use crate::Continuo;
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    BusDirection, BusInfo, CString, ChannelContext::IInfoListenerTrait, CtrlNumber, IAttributeList, IComponentHandler,
    IComponentTrait, IEditControllerTrait, IMidiMappingTrait, INoteExpressionControllerTrait,
    IProcessContextRequirementsTrait, IUnitInfoTrait, IoMode, MediaType, NoteExpressionTypeID, NoteExpressionTypeInfo,
    NoteExpressionValue, ParamID, ParamValue, ParameterInfo, ProgramListID, ProgramListInfo, RoutingInfo, String128,
    TChar, UnitID, UnitInfo,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{
    FIDString, FUnknown, IBStream, IPlugView, IPluginBaseTrait, TBool, TUID, int16, int32, tresult, uint32,
};

/// Implements an interface by calling the framework's implementation of it.
macro_rules! pass_on {
    ($interface:path { $(fn $name:ident($($arg:ident: $kind:ty),*) -> $result:ty;)* }) => {
        impl $interface for Padded {
            $(unsafe fn $name(&self, $($arg: $kind),*) -> $result {
                // SAFETY: the caller's promises are those of the same function.
                unsafe { <Wrapper<Continuo> as $interface>::$name(&self.inner, $($arg),*) }
            })*
        }
    };
}

pass_on!(IPluginBaseTrait {
    fn initialize(context: *mut FUnknown) -> tresult;
    fn terminate() -> tresult;
});

pass_on!(IComponentTrait {
    fn getControllerClassId(class: *mut TUID) -> tresult;
    fn setIoMode(mode: IoMode) -> tresult;
    fn getBusCount(media: MediaType, direction: BusDirection) -> int32;
    fn getBusInfo(media: MediaType, direction: BusDirection, index: int32, info: *mut BusInfo) -> tresult;
    fn getRoutingInfo(input: *mut RoutingInfo, output: *mut RoutingInfo) -> tresult;
    fn activateBus(media: MediaType, direction: BusDirection, index: int32, state: TBool) -> tresult;
    fn setActive(state: TBool) -> tresult;
    fn setState(state: *mut IBStream) -> tresult;
    fn getState(state: *mut IBStream) -> tresult;
});

pass_on!(IEditControllerTrait {
    fn setComponentState(state: *mut IBStream) -> tresult;
    fn setState(state: *mut IBStream) -> tresult;
    fn getState(state: *mut IBStream) -> tresult;
    fn getParameterCount() -> int32;
    fn getParameterInfo(index: int32, info: *mut ParameterInfo) -> tresult;
    fn getParamStringByValue(id: ParamID, normalized: ParamValue, string: *mut String128) -> tresult;
    fn getParamValueByString(id: ParamID, string: *mut TChar, normalized: *mut ParamValue) -> tresult;
    fn normalizedParamToPlain(id: ParamID, normalized: ParamValue) -> ParamValue;
    fn plainParamToNormalized(id: ParamID, plain: ParamValue) -> ParamValue;
    fn getParamNormalized(id: ParamID) -> ParamValue;
    fn setParamNormalized(id: ParamID, normalized: ParamValue) -> tresult;
    fn setComponentHandler(handler: *mut IComponentHandler) -> tresult;
    fn createView(name: FIDString) -> *mut IPlugView;
});

pass_on!(IMidiMappingTrait {
    fn getMidiControllerAssignment(bus: int32, channel: int16, controller: CtrlNumber, id: *mut ParamID) -> tresult;
});

pass_on!(INoteExpressionControllerTrait {
    fn getNoteExpressionCount(bus: int32, channel: int16) -> int32;
    fn getNoteExpressionInfo(bus: int32, channel: int16, index: int32, info: *mut NoteExpressionTypeInfo) -> tresult;
    fn getNoteExpressionStringByValue(
        bus: int32,
        channel: int16,
        id: NoteExpressionTypeID,
        value: NoteExpressionValue,
        string: *mut String128
    ) -> tresult;
    fn getNoteExpressionValueByString(
        bus: int32,
        channel: int16,
        id: NoteExpressionTypeID,
        string: *const TChar,
        value: *mut NoteExpressionValue
    ) -> tresult;
});

pass_on!(IProcessContextRequirementsTrait {
    fn getProcessContextRequirements() -> uint32;
});

pass_on!(IUnitInfoTrait {
    fn getUnitCount() -> int32;
    fn getUnitInfo(index: int32, info: *mut UnitInfo) -> tresult;
    fn getProgramListCount() -> int32;
    fn getProgramListInfo(index: int32, info: *mut ProgramListInfo) -> tresult;
    fn getProgramName(list: ProgramListID, index: int32, name: *mut String128) -> tresult;
    fn getProgramInfo(list: ProgramListID, index: int32, attribute: CString, value: *mut String128) -> tresult;
    fn hasProgramPitchNames(list: ProgramListID, index: int32) -> tresult;
    fn getProgramPitchName(list: ProgramListID, index: int32, pitch: int16, name: *mut String128) -> tresult;
    fn getSelectedUnit() -> UnitID;
    fn selectUnit(id: UnitID) -> tresult;
    fn getUnitByBus(
        media: MediaType,
        direction: BusDirection,
        bus: int32,
        channel: int32,
        id: *mut UnitID
    ) -> tresult;
    fn setUnitProgramData(list_or_unit: int32, index: int32, data: *mut IBStream) -> tresult;
});

pass_on!(IInfoListenerTrait {
    fn setChannelContextInfos(list: *mut IAttributeList) -> tresult;
});
