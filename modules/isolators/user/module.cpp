#include "mesolite/module/module.hpp"

#include "user.hpp"

MESOLITE_MODULE(
    Isolator, "user", "1.0.0",
    "Runs containers that would run as root as an unprivileged user, without supplementary groups.",
    mesolite::user::UserIsolator, mesolite::user::Parameters)
