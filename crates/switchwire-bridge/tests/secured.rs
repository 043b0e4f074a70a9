//! Brokers that ask for TLS, passwords and credentials.
#![cfg(all(feature = "nats", feature = "redis"))]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use support::process::Process;
use support::{Broker, free_port, program, wait_for};
use switchwire_sim::Simulator;

/// An authority and a certificate for 127.0.0.1, made here: `ca.pem`, `cert.pem`, `key.pem`.
fn certificates(folder: &Path) -> Option<()> {
    let openssl = program("openssl", "OPENSSL")?;
    let run = |words: &str| {
        let mut command = Command::new(&openssl);
        command.args(words.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().expect("runs").success(), "openssl {words}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    run(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=authority"));
    run(&format!(
        "req -x509 {key} -keyout key.pem -out cert.pem -subj /CN=broker -CA ca.pem -CAkey ca.key \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
    ));
    Some(())
}

fn node(sim: &Simulator) -> String {
    format!("[[node]]\nname = \"fs1\"\naddress = \"{}\"\n", sim.addr())
}

/// Why the sink is not there, once that is known.
fn refusal(bridge: &Process) -> String {
    wait_for("a refusal", || Some(bridge.health()?["sinks"][0]["error"].as_str()?.to_owned()))
}

#[test]
fn nats_with_tls_and_a_password_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    if certificates(folder).is_none() {
        return;
    }
    let at = |name: &str| folder.join(name).display().to_string();
    let more = [
        "--tls",
        "--tlscert",
        &at("cert.pem"),
        "--tlskey",
        &at("key.pem"),
        "--user",
        "bridge",
        "--pass",
        "s3cret",
    ];
    let Some(broker) = Broker::nats_with(&more) else { return };
    let sim = Simulator::builder().start().expect("starts");
    std::fs::write(folder.join("password"), "s3cret\n").expect("written");
    std::fs::write(folder.join("wrong"), "secret\n").expect("written");
    let url = format!("tls://127.0.0.1:{}", broker.port);
    let config = |ca: &str, password: &str| {
        format!(
            "{}[nats]\nurl = \"{url}\"\nstream = {{ name = \"FREESWITCH\" }}\nuser = \"bridge\"\npassword = {{ file = \"{}\" }}\n{ca}",
            node(&sim),
            at(password),
        )
    };
    let ca = format!("ca = \"{}\"\n", at("ca.pem"));
    let bridge = Process::start(folder, "good", &config(&ca, "password"));
    bridge.wait_healthy();
    assert!(bridge.stop().success());
    // An authority that it does not know, and a password that the broker does not.
    let stranger = Process::start(folder, "stranger", &config("", "password"));
    let why = refusal(&stranger);
    assert!(!why.contains("s3cret"), "{why}");
    let wrong = Process::start(folder, "wrong", &config(&ca, "wrong"));
    let why = refusal(&wrong);
    assert!(why.to_lowercase().contains("authorization"), "{why}");
    for bridge in [stranger, wrong] {
        assert_eq!(bridge.health().expect("a page")["healthy"], false);
    }
}

#[test]
fn redis_with_tls_and_a_user() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    if certificates(folder).is_none() {
        return;
    }
    let at = |name: &str| folder.join(name).display().to_string();
    let port = free_port().to_string();
    let (cert, key, ca) = (at("cert.pem"), at("key.pem"), at("ca.pem"));
    let more =
        ["--tls-port", &port, "--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &ca];
    let users = "--tls-auth-clients no --user bridge on >s3cret ~* +@all --user default off";
    let more: Vec<&str> = more.into_iter().chain(users.split(' ')).collect();
    let Some(_broker) = Broker::redis_with(&more) else { return };
    let sim = Simulator::builder().start().expect("starts");
    let text = format!(
        "{}[redis]\nurl = \"rediss://127.0.0.1:{port}/\"\nuser = \"bridge\"\npassword = \"s3cret\"\n",
        node(&sim)
    );
    // The machine's authorities, which a file can stand for.
    let bridge = Process::start_with(folder, "good", &text, &[("SSL_CERT_FILE", &folder.join("ca.pem"))]);
    bridge.wait_healthy();
    bridge.wait_delivered();
    assert!(bridge.stop().success());
    let stranger = Process::start(folder, "stranger", &text);
    assert!(!refusal(&stranger).contains("s3cret"));
}

/// Tokens as `nsc` makes them: an operator's, an account's and a user's, each signed by the one before.
#[test]
fn nats_with_a_file_of_credentials() {
    use nkeys::KeyPair;
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let (account, user, stranger) = (KeyPair::new_account(), KeyPair::new_user(), KeyPair::new_user());
    let limits = serde_json::json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let no_storage = serde_json::json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
    });
    let told = |kind: &str, more: serde_json::Value| {
        let mut claims = serde_json::json!({ "type": kind, "version": 2 });
        claims.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        claims
    };
    let of_operator = token(
        &operator,
        &operator,
        told("operator", serde_json::json!({ "system_account": system.public_key() })),
    );
    let of_system = token(&operator, &system, told("account", serde_json::json!({ "limits": no_storage })));
    let of_account = token(&operator, &account, told("account", serde_json::json!({ "limits": limits })));
    let rights = serde_json::json!({ "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1 });
    let of_user = token(&account, &user, told("user", rights));
    let config = format!(
        "operator: {of_operator}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{\n {}: {of_system}\n {}: {of_account}\n}}\n",
        system.public_key(),
        system.public_key(),
        account.public_key(),
    );
    std::fs::write(folder.join("nats.conf"), config).expect("written");
    let Some(broker) = Broker::nats_with(&["-c", &folder.join("nats.conf").display().to_string()]) else {
        return;
    };
    let credentials = |name: &str, seed: &KeyPair| {
        let seed = seed.seed().expect("a seed");
        let text = format!(
            "-----BEGIN NATS USER JWT-----\n{of_user}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        std::fs::write(folder.join(name), text).expect("written");
        folder.join(name).display().to_string()
    };
    let sim = Simulator::builder().start().expect("starts");
    let config = |file: String| {
        format!(
            "{}[nats]\nurl = \"{}\"\nstream = {{ name = \"FREESWITCH\" }}\ncredentials = \"{file}\"\n",
            node(&sim),
            broker.url(),
        )
    };
    let bridge = Process::start(folder, "good", &config(credentials("good.creds", &user)));
    bridge.wait_healthy();
    bridge.wait_delivered();
    assert!(bridge.stop().success());
    // The token of one, the key of another.
    let wrong = Process::start(folder, "wrong", &config(credentials("wrong.creds", &stranger)));
    let why = refusal(&wrong);
    assert!(why.to_lowercase().contains("authorization"), "{why}");
}

fn token(issuer: &nkeys::KeyPair, subject: &nkeys::KeyPair, claims: serde_json::Value) -> String {
    use data_encoding::BASE64URL_NOPAD;
    let header = r#"{"typ":"JWT","alg":"ed25519-nkey"}"#;
    let name = subject.public_key();
    let body = serde_json::json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": name, "name": name, "nats": claims,
    });
    let text = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(body.to_string().as_bytes())
    );
    let signature = issuer.sign(text.as_bytes()).expect("signs");
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}
