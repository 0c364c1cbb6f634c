// Matrices as text: CSV by RFC 4180, and one Markdown table.
#include "engine/matrix.h"

namespace portvakt::engine {
namespace {

const char* Word(Tri verdict) {
  switch (verdict) {
    case Tri::kTrue: return "yes";
    case Tri::kUnknown: return "depends";
    case Tri::kFalse: return "no";
  }
  return "no";
}

// Spreadsheets run a field that begins so, whoever wrote it: the apostrophe makes it text.
bool LooksLikeFormula(const std::string& field) {
  return !field.empty() && std::string_view("=+-@\t\r\n").find(field[0]) != std::string::npos;
}

std::string CsvField(const std::string& field) {
  const bool formula = LooksLikeFormula(field);
  if (!formula && field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string text = formula ? "\"'" : "\"";
  for (char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

// Whatever Markdown or HTML would take for more than text; lines would end the table.
std::string MarkdownField(const std::string& field) {
  std::string text;
  for (char c : field) {
    if (std::string_view("\\`*_{}[]<>#|~&!").find(c) != std::string::npos) text += '\\';
    text += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return text;
}

}  // namespace

std::string MatrixCsv(const Matrix& matrix) {
  std::string text = "subject_type,subject,resource_type,resource";
  for (const std::string& permission : matrix.permissions) text += "," + CsvField(permission);
  text += "\r\n";
  for (const Matrix::Row& row : matrix.rows) {
    text += CsvField(row.subject.type) + "," + CsvField(row.subject.id) + "," +
            CsvField(row.resource.type) + "," + CsvField(row.resource.id);
    for (Tri verdict : row.verdicts) text += std::string(",") + Word(verdict);
    text += "\r\n";
  }
  return text;
}

std::string MatrixMarkdown(const Matrix& matrix) {
  std::string text = "| subject | resource |";
  std::string line = "|---|---|";
  for (const std::string& permission : matrix.permissions) {
    text += " " + MarkdownField(permission) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const Matrix::Row& row : matrix.rows) {
    text += "| " + MarkdownField(row.subject.type + " " + row.subject.id) + " | " +
            MarkdownField(row.resource.type + " " + row.resource.id) + " |";
    for (Tri verdict : row.verdicts) text += std::string(" ") + Word(verdict) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace portvakt::engine
