//! RabbitMQ, in a folder of its own, on ports of its own.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use super::{free_port, program, wait_for};

pub(crate) struct Rabbit {
    child: Child,
    port: u16,
    mapper: u16,
    _folder: tempfile::TempDir,
}

impl Rabbit {
    pub(crate) fn start() -> Option<Self> {
        // (Debian's own script runs it as another user, in folders of the system.)
        let inner = std::path::PathBuf::from("/usr/lib/rabbitmq/bin/rabbitmq-server");
        let program = if inner.is_file() { inner } else { program("rabbitmq-server", "RABBITMQ_SERVER")? };
        let folder = tempfile::tempdir().expect("a folder");
        let (port, mapper) = (free_port(), free_port());
        let mut command = Command::new(program);
        command
            .env("HOME", folder.path())
            .env("RABBITMQ_NODENAME", format!("switchwire{port}@localhost"))
            .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_NODE_PORT", port.to_string())
            .env("RABBITMQ_DIST_PORT", free_port().to_string())
            .env("RABBITMQ_MNESIA_BASE", folder.path())
            .env("RABBITMQ_LOG_BASE", folder.path())
            .env("RABBITMQ_PID_FILE", folder.path().join("pid"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.path().join("plugins"))
            // Its own port mapper, so that none is left behind.
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("ERL_EPMD_PORT", mapper.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let child = command.spawn().expect("it starts");
        let rabbit = Self { child, port, mapper, _folder: folder };
        wait_for("RabbitMQ's port", || std::net::TcpStream::connect(("127.0.0.1", port)).ok());
        Some(rabbit)
    }

    pub(crate) fn url(&self) -> String {
        format!("amqp://127.0.0.1:{}/%2f", self.port)
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        // The script and the machine that it runs are one group; the port mapper is a daemon of its own.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
        // It does not end before it has noticed that the machine has.
        for _ in 0..200 {
            let mut end = Command::new("epmd");
            end.arg("-kill").env("ERL_EPMD_PORT", self.mapper.to_string());
            match end.stderr(Stdio::null()).output() {
                Ok(said) if String::from_utf8_lossy(&said.stdout).contains("not allowed") => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                _ => break,
            }
        }
    }
}
