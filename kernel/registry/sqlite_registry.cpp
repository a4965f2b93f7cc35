#include "kernel/registry/sqlite_registry.hpp"

#include <sqlite3.h>

#include <utility>

namespace mesolite::registry {
namespace {

// Of the table below; grows when an older release could not read it.
constexpr int schema_version = 1;

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS registry (key TEXT PRIMARY KEY, value BLOB NOT NULL) "
    "WITHOUT ROWID";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

class SqliteRegistry final : public Registry {
 public:
  explicit SqliteRegistry(std::string file) : file_(std::move(file)) {}

  Status open(OpenMode mode) {
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | (mode == OpenMode::create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(file_.c_str(), &database, flags, nullptr);
    database_.reset(database);
    if (code != SQLITE_OK) return problem("open");
    sqlite3_extended_result_codes(database, 1);
    // The exclusive lock is taken by the first access and held: two masters on one work directory
    // would overwrite each other's truth.
    for (const char* pragma :
         {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"}) {
      if (auto done = execute(pragma); !done) return done;
    }
    if (auto sound = check_pages(); !sound) return sound;
    return ensure_schema();
  }

  Result<std::vector<Record>> load() override {
    auto select = prepare("SELECT key, value FROM registry ORDER BY key");
    if (!select) return tl::unexpected(select.error());
    std::vector<Record> records;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(select->get())) == SQLITE_ROW) {
      records.push_back({column(select->get(), 0), Bytes(column(select->get(), 1))});
    }
    if (code != SQLITE_DONE) return tl::unexpected(problem("read").error());
    return records;
  }

  Status write(const std::vector<Record>& records) override {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    for (const Record& record : records) {
      if (auto applied = apply(record); !applied) {
        (void)execute("ROLLBACK");
        return applied;
      }
    }
    auto committed = execute("COMMIT");
    if (!committed) (void)execute("ROLLBACK");
    return committed;
  }

 private:
  // Reads every page once: what is damaged shall be found before anything is built on it.
  Status check_pages() {
    auto check = prepare("PRAGMA quick_check(1)");
    if (!check) return tl::unexpected(check.error());
    if (sqlite3_step(check->get()) != SQLITE_ROW) return problem("check");
    const std::string found = column(check->get(), 0);
    return found == "ok" ? Status() : damaged(found);
  }

  Status damaged(const std::string& what) const {
    return failure("registry '" + file_ + "' is damaged (" + what +
                   "): put a copy of it back, or move it away to start a new cluster");
  }

  Status ensure_schema() {
    auto version = prepare("PRAGMA user_version");
    if (!version) return tl::unexpected(version.error());
    if (sqlite3_step(version->get()) != SQLITE_ROW) return problem("read");
    const int found = sqlite3_column_int(version->get(), 0);
    if (found > schema_version) {
      return failure("registry '" + file_ + "' was written by a newer release (its layout is " +
                     std::to_string(found) + ", this release knows " +
                     std::to_string(schema_version) + ")");
    }
    version->reset();
    if (found == schema_version) return {};
    if (auto created = execute(schema); !created) return created;
    return execute(("PRAGMA user_version=" + std::to_string(schema_version)).c_str());
  }

  Status apply(const Record& record) {
    const bool removes = record.value.empty();
    auto statement = prepare(removes ? "DELETE FROM registry WHERE key = ?1"
                                     : "INSERT OR REPLACE INTO registry VALUES (?1, ?2)");
    if (!statement) return tl::unexpected(statement.error());
    sqlite3_bind_text64(statement->get(), 1, record.key.data(), record.key.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    if (!removes) {
      sqlite3_bind_blob64(statement->get(), 2, record.value.data.data(), record.value.size(),
                          SQLITE_STATIC);
    }
    if (sqlite3_step(statement->get()) != SQLITE_DONE) return problem("write '" + record.key + "'");
    return {};
  }

  Status execute(const char* sql) {
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return problem(sql);
    }
    return {};
  }

  Result<Statement> prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) {
      return tl::unexpected(problem(sql).error());
    }
    return Statement(statement);
  }

  static std::string column(sqlite3_stmt* statement, int index) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, index));
    const int size = sqlite3_column_bytes(statement, index);
    return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
  }

  Status problem(const std::string& what) const {
    const int code = database_ ? sqlite3_errcode(database_.get()) : SQLITE_NOMEM;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      return failure("registry '" + file_ + "' is held by another master");
    }
    if ((code & 0xff) == SQLITE_CORRUPT) return damaged(sqlite3_errmsg(database_.get()));
    if (code == SQLITE_NOTADB) return failure("'" + file_ + "' is not a registry");
    return failure("registry '" + file_ + "': " + what + ": " +
                   (database_ ? sqlite3_errmsg(database_.get()) : "out of memory"));
  }

  std::string file_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

}  // namespace

Result<std::unique_ptr<Registry>> open_sqlite_registry(const std::filesystem::path& file,
                                                       OpenMode mode) {
  auto registry = std::make_unique<SqliteRegistry>(file.string());
  if (auto opened = registry->open(mode); !opened) return tl::unexpected(opened.error());
  return registry;
}

}  // namespace mesolite::registry
