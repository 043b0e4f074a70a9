use super::word::words;

words! {
    /// What happened in a conference: the header `Action` of `conference::maintenance` events. The numbers are this
    /// project's own.
    pub enum ConferenceAction {
        ConferenceCreate = 0, "conference-create", "It begins.";
        ConferenceDestroy = 1, "conference-destroy", "It is over: the last member has left.";
        AddMember = 2, "add-member", "A member has joined.";
        DelMember = 3, "del-member", "A member has left.";
        StartTalking = 4, "start-talking", "A member begins to talk.";
        StopTalking = 5, "stop-talking", "A member stops talking.";
        FloorChange = 6, "floor-change", "Another member has the floor, or none.";
        MuteMember = 7, "mute-member", "A member is not heard any more.";
        UnmuteMember = 8, "unmute-member", "A member is heard again.";
        DeafMember = 9, "deaf-member", "A member hears nothing any more.";
        UndeafMember = 10, "undeaf-member", "A member hears again.";
        HoldMember = 11, "hold-member", "A member is on hold.";
        UnholdMember = 12, "unhold-member", "A member is off hold.";
        KickMember = 13, "kick-member", "A member is sent out: the channel goes on.";
        HupMember = 14, "hup-member", "A member is hung up.";
        DtmfMember = 15, "dtmf-member", "Digits were sent to a member.";
        Dtmf = 16, "dtmf", "A member has pressed a key.";
        EnergyLevel = 17, "energy-level", "A member has changed the level from which it counts as talking.";
        EnergyLevelMember = 18, "energy-level-member", "The level from which a member counts as talking is another.";
        VolumeInMember = 19, "volume-in-member", "How loud a member is heard is another.";
        VolumeOutMember = 20, "volume-out-member", "How loud a member hears is another.";
        Lock = 21, "lock", "No other member may join.";
        Unlock = 22, "unlock", "Others may join again.";
        PlayFile = 23, "play-file", "A file is played to all.";
        PlayFileDone = 24, "play-file-done", "It has been played.";
        PlayFileMember = 25, "play-file-member", "A file is played to a member.";
        PlayFileMemberDone = 26, "play-file-member-done", "It has been played.";
        SpeakText = 27, "speak-text", "A text is spoken to all.";
        SpeakTextMember = 28, "speak-text-member", "A text is spoken to a member.";
        StartRecording = 29, "start-recording", "A recording begins.";
        StopRecording = 30, "stop-recording", "A recording is over.";
        PauseRecording = 31, "pause-recording", "A recording makes a pause.";
        ResumeRecording = 32, "resume-recording", "A recording goes on.";
        BgdialResult = 33, "bgdial-result", "What came of a call that was made by bgdial.";
        EnterSoundsOn = 34, "enter-sounds-on", "A sound is played when a member joins.";
        EnterSoundsOff = 35, "enter-sounds-off", "It is not.";
        ExitSoundsOn = 36, "exit-sounds-on", "A sound is played when a member leaves.";
        ExitSoundsOff = 37, "exit-sounds-off", "It is not.";
        Transfer = 38, "transfer", "A member goes to another conference.";
    }
}
