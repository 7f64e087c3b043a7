//! The values of keys in `#[arg(…)]`.

use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Result, UnOp};

/// A literal, with its sign.
pub(crate) enum Literal {
    Text(String),
    Integer(i128),
    Float(String),
    Boolean(bool),
}

impl Literal {
    /// Returns the literal as a user types it.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Text(text) | Self::Float(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(value) => value.to_string(),
        }
    }
}

/// Reads a literal. Returns `None` for other expressions, such as the name of a constant.
pub(crate) fn literal(value: &Expr) -> Option<Literal> {
    match value {
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => match literal(expr)? {
            Literal::Integer(number) => Some(Literal::Integer(number.checked_neg()?)),
            Literal::Float(number) => Some(Literal::Float(format!("-{number}"))),
            _ => None,
        },
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Some(Literal::Text(text.value())),
            Lit::Char(letter) => Some(Literal::Text(letter.value().to_string())),
            Lit::Int(number) => Some(Literal::Integer(number.base10_parse().ok()?)),
            Lit::Float(number) => Some(Literal::Float(number.base10_digits().to_owned())),
            Lit::Bool(value) => Some(Literal::Boolean(value.value)),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the items of a list, or the one value.
pub(crate) fn values(value: &Expr) -> Vec<&Expr> {
    match value {
        Expr::Array(list) => list.elems.iter().collect(),
        value => vec![value],
    }
}

/// Reads a text or a list of texts.
pub(crate) fn texts(value: &Expr) -> Result<Vec<LitStr>> {
    let texts = values(value).into_iter().map(|item| match item {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text.clone()),
        other => Err(Error::new_spanned(
            other,
            "expected a text such as \"name\", or a list such as [\"one\", \"two\"]",
        )),
    });
    texts.collect()
}
