#include "mesolite/module/module.hpp"

#include "curve.hpp"

MESOLITE_MODULE(Authenticator, "curve", "1.0.0",
                "Both ends are who their keys of the bus say: what CURVE has proved, counts.",
                mesolite::curve::CurveAuthenticator, mesolite::Nothing)
