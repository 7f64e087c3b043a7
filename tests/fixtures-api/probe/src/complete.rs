//! Arguments whose values the plugin completes.

use tw_plugin_api::prelude::*;

use crate::report::got;

/// Print the completed arguments
#[derive(Args)]
struct Complete {
    /// A pet
    #[arg(long, complete = name_pets)]
    pet: Option<String>,
    /// Pets
    #[arg(long, delimiter = ',', complete = name_pets)]
    pets: Vec<String>,
    /// The owner of a pet
    #[arg(long)]
    owner: Option<String>,
    /// A secret
    #[arg(long)]
    secret: Option<Secret>,
    /// A pet of the owner
    #[arg(complete = fail_as_told)]
    word: Option<String>,
}

fn name_pets(word: &str, host: &Host) -> Result<Vec<Candidate>> {
    let pets: Vec<String> = host.http().get("/pets").send()?.ok()?.json()?;
    let workspace = host.workspace()?;
    let help = format!("typed {word:?} at {}", workspace.reference());
    let candidates = pets.into_iter();
    Ok(candidates
        .map(|pet| Candidate::new(pet).help(&help))
        .collect())
}

/// Does what the name of the owner says.
fn fail_as_told(_: &str, host: &Host) -> Result<Vec<String>> {
    let complete: Completing = host.shared()?;
    match complete.way.as_str() {
        "panic" => panic!("it panicked while it completed"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "hang" => std::thread::sleep(std::time::Duration::from_secs(60)),
        "fail" => return Err(Error::failure("it failed while it completed")),
        "print" => {
            println!("printed");
            eprintln!("printed");
            host.log().warning("printed");
            std::io::Write::write_all(&mut host.stdout(), b"printed")?;
        }
        "ask" => drop(host.prompt().text("Which?", None)?),
        _ => {}
    }
    let words = [
        "plain",
        "$(reboot)",
        "two words",
        "a;b",
        "`id`",
        "it\u{1b}[31m",
        "päckchen",
    ];
    Ok(words.map(str::to_owned).to_vec())
}

/// The option of all commands of the group.
#[derive(Args)]
struct Completing {
    /// What the completion does
    #[arg(long, default = "well")]
    way: String,
    /// A number of the group
    #[arg(long, complete = |_, _| Ok(["11", "12", "2"]))]
    number: Option<i64>,
}

fn complete(args: Complete, host: &Host) -> Result<Output> {
    let Complete {
        pet,
        pets,
        owner,
        word,
        ..
    } = args;
    got(
        host,
        Ok(
            json!({ "pet": pet, "pets": pets, "owner": owner, "word": word, "secret": args.secret.is_some() }),
        ),
    )
}

pub(crate) fn group() -> Group {
    Group::new("completing", "Arguments that complete")
        .workspace_option()
        .shared::<Completing>()
        .command(Command::new("values", complete))
}
