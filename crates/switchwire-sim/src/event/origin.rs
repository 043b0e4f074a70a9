//! Where in the server each kind of event comes from: the `Event-Calling-*` headers.

use switchwire_proto::EventType;

/// File, function and line.
pub(crate) type Origin = (&'static str, &'static str, u32);

/// The usual origin of a kind of event, as recorded.
pub(crate) fn of(event_type: EventType) -> Origin {
    use EventType as E;
    match event_type {
        E::ChannelState => ("switch_channel.c", "switch_channel_perform_set_running_state", 2409),
        E::ChannelCallstate => ("switch_channel.c", "switch_channel_perform_set_callstate", 302),
        E::ChannelExecute => ("switch_core_session.c", "switch_core_session_exec", 2949),
        E::ChannelExecuteComplete => ("switch_core_session.c", "switch_core_session_exec", 2972),
        E::ChannelCreate => ("switch_core_state_machine.c", "switch_core_session_run", 626),
        E::ChannelOriginate => ("switch_core_state_machine.c", "switch_core_session_run", 632),
        E::ChannelOutgoing => ("switch_core_session.c", "switch_core_session_outgoing_channel", 768),
        E::ChannelAnswer => ("switch_channel.c", "switch_channel_perform_mark_answered", 3848),
        E::ChannelProgress => ("switch_channel.c", "switch_channel_perform_mark_ring_ready_value", 3507),
        E::ChannelUuid => ("switch_core_session.c", "switch_core_session_set_uuid", 2056),
        E::MediaBugStart => ("switch_core_media_bug.c", "switch_core_media_bug_add", 1014),
        E::MediaBugStop => ("switch_core_media_bug.c", "switch_core_media_bug_destroy", 84),
        E::SessionHeartbeat => ("switch_core_io.c", "switch_core_session_read_frame", 157),
        E::ReSchedule => ("switch_scheduler.c", "switch_scheduler_execute", 73),
        E::AddSchedule => ("switch_scheduler.c", "switch_scheduler_add_task_ex", 266),
        E::DelSchedule => ("switch_scheduler.c", "task_thread_loop", 151),
        E::ModuleLoad => ("switch_loadable_module.c", "switch_loadable_module_process", 385),
        E::ModuleUnload => ("switch_loadable_module.c", "switch_loadable_module_unprocess", 1301),
        E::RecordStart => ("switch_ivr_play_say.c", "switch_ivr_record_file_event", 770),
        E::RecordStop => ("switch_ivr_play_say.c", "switch_ivr_record_file_event", 1033),
        E::Trap => ("switch_core.c", "handle_SIGHUP", 2013),
        E::ShutdownRequested => ("switch_core.c", "switch_core_session_ctl", 2825),
        E::ChannelProgressMedia => ("switch_channel.c", "switch_channel_perform_mark_pre_answered", 3562),
        E::ChannelHangup => ("switch_channel.c", "switch_channel_perform_hangup", 3447),
        E::ChannelHangupComplete => {
            ("switch_core_state_machine.c", "switch_core_session_reporting_state", 943)
        }
        E::ChannelDestroy => ("switch_core_session.c", "switch_core_session_perform_destroy", 1588),
        E::ChannelPark => ("switch_ivr.c", "switch_ivr_park", 1002),
        E::ChannelUnpark => ("switch_ivr.c", "switch_ivr_park", 1213),
        E::ChannelHold => ("switch_ivr.c", "switch_ivr_hold", 1558),
        E::ChannelUnhold => ("switch_ivr.c", "switch_ivr_unhold", 1638),
        E::ChannelBridge => ("switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", 1689),
        E::ChannelUnbridge => ("switch_ivr_bridge.c", "switch_ivr_multi_threaded_bridge", 1879),
        E::CallUpdate => ("switch_channel.c", "switch_channel_flip_cid", 3279),
        E::Dtmf => ("switch_channel.c", "switch_channel_dequeue_dtmf", 678),
        E::Codec => ("switch_core_codec.c", "switch_core_session_set_read_codec", 300),
        E::PlaybackStart => ("switch_ivr_play_say.c", "switch_ivr_play_file", 1649),
        E::PlaybackStop => ("switch_ivr_play_say.c", "switch_ivr_play_file", 2023),
        E::PrivateCommand => ("switch_ivr.c", "switch_ivr_parse_next_event", 804),
        E::Api => ("switch_loadable_module.c", "switch_api_execute", 3140),
        E::Heartbeat => ("switch_core.c", "send_heartbeat", 95),
        E::Reloadxml => ("switch_xml.c", "switch_xml_open_root", 2423),
        E::Shutdown => ("switch_core.c", "switch_core_destroy", 3136),
        E::BackgroundJob => ("mod_event_socket.c", "api_exec", 1580),
        E::ChannelData => PARSE_COMMAND,
        _ => ("switchwire_sim", "fire", 1),
    }
}

/// `connect` and what `uuid_dump` prints.
pub(crate) const PARSE_COMMAND: Origin = ("mod_event_socket.c", "parse_command", 2029);
/// `sendevent`.
pub(crate) const SENDEVENT: Origin = ("mod_event_socket.c", "parse_command", 2283);
/// The write half of a CODEC event.
pub(crate) const WRITE_CODEC: Origin = ("switch_core_codec.c", "switch_core_session_set_write_codec", 471);
/// `uuid_dump`.
pub(crate) const UUID_DUMP: Origin = ("mod_commands.c", "uuid_dump_function", 6398);
/// `api bgapi ...`.
pub(crate) const API_BGAPI: Origin = ("mod_commands.c", "bgapi_exec", 5268);
/// What `uuid_bridge` makes of a channel's applications.
pub(crate) const SOFT_EXECUTE: Origin = ("switch_ivr_bridge.c", "uuid_bridge_on_soft_execute", 1236);
