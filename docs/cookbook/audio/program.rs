//! Hears a call and speaks in it, by UDP: HOST PORT PASSWORD DIAL.

use std::net::UdpSocket;
use std::time::Duration;

use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Connection, EventType, HangupCause, Subscription, Unicast};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, dial] = &words[..] else { return Err("four arguments".into()) };
    // A frame: 20 ms of 16-bit samples, 8000 a second, in the machine's byte order. Here a tone of 400 Hz: 20 samples are a period.
    let tone: Vec<u8> =
        (0..160).flat_map(|n| if n % 20 < 10 { 4000_i16 } else { -4000 }.to_ne_bytes()).collect();

    let audio = UdpSocket::bind("127.0.0.1:0")?;
    audio.set_read_timeout(Some(Duration::from_secs(10)))?;
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(
        &Subscription::new().events([EventType::BackgroundJob, EventType::ChannelHangupComplete]),
    )?;
    let dial = DialString::new(Endpoint::from_text(dial)).timeout(20);
    let call = connection
        .originate_call(&Originate::new(dial, Target::application("park")), Duration::from_secs(30))?;

    // The call is parked; from now on its audio comes here.
    let unicast = Unicast::new().uuid(call.uuid()).local("127.0.0.1", 0).transport("udp");
    let unicast = unicast.remote("127.0.0.1", audio.local_addr()?.port());
    connection.request(&unicast.build()?)?;

    let (mut frame, mut sound) = ([0; 4096], 0);
    for count in 0..40 {
        let (length, server) = audio.recv_from(&mut frame)?;
        sound += i32::from(frame[..length].iter().any(|byte| *byte != 0));
        // What is heard is the clock: a frame for a frame, ten of them.
        if count < 10 {
            audio.send_to(&tone, server)?;
        }
    }
    println!("40 frames heard, {sound} with sound");
    Ok(call.hangup(HangupCause::NormalClearing)?)
}
