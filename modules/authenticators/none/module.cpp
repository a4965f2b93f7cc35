#include "mesolite/module/module.hpp"

#include "none.hpp"

MESOLITE_MODULE(Authenticator, "none", "1.0.0",
                "Accepts every client as the principal it claims to be.",
                mesolite::none::NoneAuthenticator, mesolite::Nothing)
