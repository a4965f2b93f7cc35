#include "mesolite/module/module.hpp"

#include "scram.hpp"

MESOLITE_MODULE(Authenticator, "scram-sha-256", "1.0.0",
                "Both ends prove that they know a secret, of which the server keeps a salted hash.",
                mesolite::scram::ScramAuthenticator, mesolite::scram::Parameters)
