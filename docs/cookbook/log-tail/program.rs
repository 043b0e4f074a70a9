//! Prints log lines of a level and worse: HOST PORT PASSWORD LEVEL [HOW MANY].

use switchwire::{Connection, Incoming, LogLevel};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, level, rest @ ..] = &words[..] else { return Err("four arguments".into()) };
    let mut left = rest.first().map_or(Ok(usize::MAX), |text| text.parse())?;
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.log(LogLevel::try_from(level.parse::<u32>()?)?)?;
    while left > 0 {
        if let Incoming::Log(line) = connection.recv()? {
            println!("{} {}:{} {}", line.level, line.file, line.line, line.message());
            left -= 1;
        }
    }
    Ok(())
}
