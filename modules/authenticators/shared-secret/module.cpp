#include "mesolite/module/module.hpp"

#include "shared_secret.hpp"

MESOLITE_MODULE(Authenticator, "shared-secret", "1.0.0",
                "Both ends prove by HMAC-SHA256 that they know the same secret.",
                mesolite::shared_secret::SharedSecretAuthenticator,
                mesolite::shared_secret::Parameters)
