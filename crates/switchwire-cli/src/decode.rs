//! `decode FILE`: recorded bytes of a server to JSON lines.

use std::fs::File;
use std::io::{BufWriter, Read, Write, stdin, stdout};
use std::path::PathBuf;

use clap::Args;
use switchwire::proto::{DecodeError, Decoder};

use crate::failure::{Failure, Result};
use crate::{json, printable};

/// Print recorded bytes of a server as JSON, one line per message
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct DecodeArgs {
    /// Print only the summary, on stdout
    #[arg(long)]
    counts: bool,

    /// The recording; `-` is stdin
    file: PathBuf,
}

const AFTER: &str = "\
A line is {\"offset\", \"content_type\", \"headers\", \"body\"}, and \"event\": {\"name\", \"type\", \"headers\", \"body\"} for a
message that carries an event (\"error\" if it is malformed). Headers are [name, value] pairs, percent-decoded, in
order; an array's value is a list. Text that is not UTF-8 is {\"b64\": …}.

The summary `messages: N events: M leftover: K bytes` goes to stderr. A malformed or truncated stream fails (exit code 1);
the messages before that are printed.";

pub(crate) fn run(args: DecodeArgs) -> Result {
    let counts_only = args.counts;
    let mut decoding = Decoding::default();
    let mut out = BufWriter::new(stdout().lock());
    let mut print = |value: serde_json::Value| match counts_only {
        true => Ok(()),
        false => {
            writeln!(out, "{}", printable::json(value.to_string())).map_err(|error| Failure::output(&error))
        }
    };
    let broken = decoding.read_all(open(&args)?, &mut print)?;
    let summary = decoding.summary();
    out.flush().map_err(|error| Failure::output(&error))?;
    match counts_only {
        true => crate::output::line(summary)?,
        false => eprintln!("{summary}"),
    }
    match (broken, decoding.unreadable) {
        (Some(error), _) => Err(Failure::failed(error)),
        (None, 0) => Ok(()),
        (None, events) => Err(Failure::failed(format!("{events} malformed events"))),
    }
}

fn open(args: &DecodeArgs) -> Result<Box<dyn Read>> {
    if args.file.as_os_str() == "-" {
        return Ok(Box::new(stdin().lock()));
    }
    let file = File::open(&args.file);
    let file =
        file.map_err(|error| Failure::failed(format!("cannot open {}: {error}", args.file.display())))?;
    Ok(Box::new(file))
}

#[derive(Default)]
struct Decoding {
    decoder: Decoder,
    messages: u64,
    events: u64,
    unreadable: u64,
}

impl Decoding {
    /// Decodes to the end; gives the stream's error, if there is one.
    fn read_all(
        &mut self,
        mut source: impl Read,
        print: &mut impl FnMut(serde_json::Value) -> Result,
    ) -> Result<Option<DecodeError>> {
        loop {
            let read = source.read(self.decoder.spare(CHUNK));
            let read =
                read.map_err(|error| Failure::failed(format!("cannot read the recording: {error}")))?;
            if read == 0 {
                return Ok(self.decoder.finish().err());
            }
            self.decoder.commit(read);
            loop {
                let message = match self.decoder.next_message() {
                    Ok(Some(message)) => message,
                    Ok(None) => break,
                    Err(error) => return Ok(Some(error)),
                };
                let value = json::message(&message, self.decoder.offset() - message.len() as u64);
                self.messages += 1;
                self.events += u64::from(message.content_type().is_event());
                self.unreadable += u64::from(value.get("error").is_some());
                print(value)?;
            }
        }
    }

    fn summary(&self) -> String {
        let leftover = self.decoder.pending().len();
        format!("messages: {} events: {} leftover: {leftover} bytes", self.messages, self.events)
    }
}

const CHUNK: usize = 64 * 1024;
