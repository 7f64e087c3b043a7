//! Questions to the user.

use tw_plugin_api::prelude::*;

use crate::report::got;

/// Show whether a user can be asked
#[derive(Args)]
struct Somebody {}

fn somebody(_: Somebody, host: &Host) -> Result<Output> {
    got(host, host.prompt().is_interactive().map(|yes| json!(yes)))
}

/// Ask for a text
#[derive(Args)]
struct Text {
    /// The question
    question: String,
    /// The answer if nothing is typed
    #[arg(long)]
    default: Option<String>,
}

fn text(args: Text, host: &Host) -> Result<Output> {
    let answer = host.prompt().text(&args.question, args.default.as_deref());
    got(host, answer.map(|answer| json!({ "answer": answer })))
}

/// Ask for a secret
#[derive(Args)]
struct Hidden {
    /// The question
    question: String,
    /// Ask this question for a second entry
    #[arg(long)]
    again: Option<String>,
    /// Fail with the secret as the message
    #[arg(long)]
    leak: bool,
}

fn secret(args: Hidden, host: &Host) -> Result<Output> {
    let secret = host.prompt().secret(&args.question, args.again.as_deref());
    if args.leak {
        return Err(Error::failure(format!("it is {}", secret?.expose())));
    }
    got(
        host,
        secret.map(|secret| json!({ "letters": secret.expose().chars().count() })),
    )
}

/// Ask for a confirmation
#[derive(Args)]
struct Confirm {
    /// The question
    question: String,
    /// Make yes the default
    #[arg(long)]
    yes: bool,
}

fn confirm(args: Confirm, host: &Host) -> Result<Output> {
    let yes = host.prompt().confirm(&args.question, args.yes);
    got(host, yes.map(|yes| json!({ "yes": yes })))
}

/// Choose from a list
#[derive(Args)]
struct Choose {
    /// The question
    question: String,
    /// The items
    items: Vec<String>,
    /// Choose several
    #[arg(long)]
    several: bool,
    /// The items that are chosen at first
    #[arg(long)]
    chosen: Vec<usize>,
}

fn choose(args: Choose, host: &Host) -> Result<Output> {
    let prompt = host.prompt();
    let chosen = match args.several {
        true => prompt.choose_several(&args.question, &args.items, &args.chosen),
        false => prompt
            .choose(&args.question, &args.items)
            .map(|one| vec![one]),
    };
    got(host, chosen.map(|chosen| json!(chosen)))
}

/// Edit a text
#[derive(Args)]
struct Edit {
    /// The text
    text: String,
    /// The extension of the file
    #[arg(long, default = "")]
    extension: String,
}

fn edit(args: Edit, host: &Host) -> Result<Output> {
    let edited = host.prompt().edit(&args.text, &args.extension);
    got(host, edited.map(|text| json!(text)))
}

pub(crate) fn group() -> Group {
    Group::new("prompt", "Questions to the user")
        .command(Command::new("somebody", somebody))
        .command(Command::new("text", text))
        .command(Command::new("secret", secret))
        .command(Command::new("confirm", confirm))
        .command(Command::new("choose", choose))
        .command(Command::new("edit", edit))
}
