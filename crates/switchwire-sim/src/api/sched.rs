//! Tasks: `sched_api` and its kin.

use std::time::Duration;

use switchwire_proto::EventType;

use super::stores::{Job, Task};
use super::{ApiRequest, Family, Outcome, new_uuid};
use crate::channel::cause_named;
use crate::event::clock::Moment;
use crate::event::origin;
use crate::world::{Timer, World};

pub(super) const COMMANDS: Family = &[
    ("sched_api", sched_api),
    ("sched_broadcast", sched_broadcast),
    ("sched_del", sched_del),
    ("sched_hangup", sched_hangup),
    ("sched_transfer", sched_transfer),
    ("unsched_api", unsched_api),
];

/// `+60` in so many seconds, `@60` every so many, else seconds since 1970.
fn time(text: &str) -> (u64, u64) {
    let number = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap_or_default().min(MAX_SECONDS)
    };
    let now = Moment::now().seconds();
    if let Some(rest) = text.strip_prefix('+') {
        (now + number(rest), 0)
    } else if let Some(rest) = text.strip_prefix('@') {
        (now + number(rest), number(rest))
    } else {
        (number(text).max(now), 0)
    }
}

fn sched_api(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let mut words = arg.splitn(3, ' ');
    let (Some(when), Some(group), Some(command)) = (words.next(), words.next(), words.next()) else {
        return "-ERR Invalid syntax. USAGE: [+@]<time> <group_name> <command_string>[&]\n".into();
    };
    let (runtime, every) = time(when);
    let command = command.trim_end_matches('&').to_owned();
    let id = world.add_task("sched_api_function", group, (runtime, every), Job::Api(command));
    format!("+OK Added: {id}\n").into()
}

fn sched_hangup(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [when, rest @ ..] = words.as_slice() else { return "-USAGE: [+]<time> <uuid> [<cause>]\n".into() };
    let uuid = rest.first().copied().unwrap_or_default();
    if world.channels.by_uuid(uuid).is_none() {
        return "-ERR No such channel!\n".into();
    }
    let cause = rest.get(1).copied().unwrap_or("ALLOTTED_TIMEOUT").to_owned();
    let job = Job::Hangup { uuid: uuid.into(), cause };
    world.add_task("switch_ivr_schedule_hangup", uuid, time(when), job);
    "+OK\n".into()
}

fn sched_transfer(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [when, uuid, extension, place @ ..] = words.as_slice() else {
        return "-USAGE: [+]<time> <uuid> <extension> [<dialplan>] [<context>]\n".into();
    };
    if world.channels.by_uuid(uuid).is_none() {
        return "-ERR No such channel!\n".into();
    }
    let [dialplan, context] = [0, 1].map(|at| place.get(at).map(|word| (*word).to_owned()));
    let job = Job::Transfer { uuid: (*uuid).into(), extension: (*extension).into(), dialplan, context };
    world.add_task("switch_ivr_schedule_transfer", uuid, time(when), job);
    "+OK\n".into()
}

/// It does not look whether the channel exists.
fn sched_broadcast(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let words: Vec<&str> = arg.split_whitespace().collect();
    let [when, uuid, path, ..] = words.as_slice() else {
        return "-USAGE: [[+]<time>|@time] <uuid> <path> [aleg|bleg|both]\n".into();
    };
    let job = Job::Broadcast { uuid: (*uuid).into(), path: (*path).into() };
    world.add_task("switch_ivr_schedule_broadcast", uuid, time(when), job);
    "+OK Message scheduled\n".into()
}

/// By number or by group.
fn sched_del(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let id = arg.parse::<u64>().ok();
    let found: Vec<u64> = world
        .stores
        .tasks
        .iter()
        .filter(|(at, task)| match id {
            Some(id) => **at == id,
            None => !arg.is_empty() && task.group == arg,
        })
        .map(|(at, _)| *at)
        .collect();
    found.iter().for_each(|id| world.drop_task(*id));
    format!("+OK Deleted: {}\n", found.len()).into()
}

fn unsched_api(world: &mut World, _: &ApiRequest, arg: &str) -> Outcome {
    let Some(id) = arg.parse::<u64>().ok().filter(|id| *id > 0) else { return "".into() };
    if world.stores.tasks.contains_key(&id) {
        world.drop_task(id);
        "+OK\n".into()
    } else {
        "-ERR No such id\n".into()
    }
}

impl World {
    fn add_task(
        &mut self,
        description: &'static str,
        group: &str,
        (runtime, every): (u64, u64),
        job: Job,
    ) -> u64 {
        let id = self.stores.next_task;
        self.stores.next_task += 1;
        let added = Moment::now().seconds();
        let task = Task { description, group: group.into(), runtime, every, added, job };
        self.task_event(EventType::AddSchedule, id, &task);
        self.stores.tasks.insert(id, task);
        self.timers.after(Duration::from_secs(runtime.saturating_sub(added)), Timer::Task(id));
        id
    }

    fn drop_task(&mut self, id: u64) {
        if let Some(task) = self.stores.tasks.remove(&id) {
            self.task_event(EventType::DelSchedule, id, &task);
        }
    }

    fn task_event(&mut self, kind: EventType, id: u64, task: &Task) {
        let mut event = self.stamped(kind, origin::of(kind));
        event.add_header("Task-ID", id.to_string());
        event.add_header("Task-Desc", task.description);
        event.add_header("Task-Group", &task.group);
        event.add_header("Task-Runtime", task.runtime.to_string());
        self.dispatch(&event);
    }

    /// A task's time has come.
    pub(crate) fn run_task(&mut self, id: u64) {
        let Some(task) = self.stores.tasks.get_mut(&id) else { return };
        let job = task.job.clone();
        let again = task.every;
        if again > 0 {
            task.runtime += again;
            let task = task.clone();
            self.task_event(EventType::ReSchedule, id, &task);
            self.timers.after(Duration::from_secs(again), Timer::Task(id));
        } else {
            self.drop_task(id);
        }
        match job {
            Job::Api(line) => {
                let (command, arg) = line.split_once(' ').unwrap_or((&line, ""));
                self.background(new_uuid(), None, command.to_owned(), arg.to_owned());
            }
            Job::Hangup { uuid, cause } => {
                if let Some(channel) = self.channels.by_uuid(&uuid) {
                    self.hang_up(channel, cause_named(&cause));
                }
            }
            Job::Transfer { uuid, extension, dialplan, context } => {
                if let Some(channel) = self.channels.by_uuid(&uuid) {
                    let own = self.channels.get(channel).map(|channel| channel.profile.context.clone());
                    let context = context.or(own).unwrap_or_default();
                    self.transfer_to(channel, &extension, dialplan.as_deref().unwrap_or("XML"), &context);
                }
            }
            Job::Broadcast { uuid, path } => {
                self.background(new_uuid(), None, "uuid_broadcast".into(), format!("{uuid} {path}"));
            }
        }
    }
}

/// No task is set for a time that the timers cannot hold.
const MAX_SECONDS: u64 = 4_000_000_000;
