"""How one class of drivers behaves, and what batteries they come with."""

from typing import Annotated

from pydantic import Field

from sim.scenario.distribution import Distribution, DurationS, ShareDrawn, StopCount, WattHours, Watts
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import Name, Share


class Battery(ScenarioModel):
    """A vehicle's battery: full power up to ``taper_from``, then falling linearly to a tenth when full."""

    capacity_wh: WattHours = Distribution(triangular=(30_000, 55_000, 100_000))
    max_power_w: Watts = Distribution(triangular=(7_000, 50_000, 150_000))
    soc_at_arrival: ShareDrawn = Distribution(triangular=(0.05, 0.3, 0.7))
    """State of charge when the vehicle plugs in, 0 to 1."""
    taper_from: Share = 0.8


class VehicleClass(ScenarioModel):
    """How one class of drivers behaves."""

    name: Name = "car"
    share: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1
    lead_s: DurationS = Distribution(uniform=(0, 3_600))
    """From deciding to charge to the wished start."""
    stay_s: DurationS = Distribution(triangular=(900, 1_800, 3_600))
    """Length of the wished window."""
    patience_s: DurationS = Distribution(uniform=(0, 1_800))
    """How much later than wished the driver would still charge."""
    attempts_max: Annotated[int, Field(ge=1, le=1_000)] = 4
    """Reservations tried before giving up."""
    think_s: DurationS = Distribution(exponential=20)
    """Between a refusal and the next try."""
    walk_up_share: Share = 0.1
    """Drivers who come without a reservation, to a point that looks free."""
    queue_share: Share = 0.0
    """Of those, how many stand in line when every point around is taken, as long as their patience lasts: who came first
    plugs in first."""
    insists_share: Share = 0.0
    """Drivers who want their favourite point and no other."""
    no_show_share: Share = 0.05
    cancel_share: Share = 0.05
    """Reservations given back before they start."""
    lateness_s: Distribution = Distribution(triangular=(-300, 0, 600))
    """Arrival against the reserved start; below zero: early."""
    overstay_share: Share = 0.1
    """Sessions whose driver comes back after the window has ended."""
    battery: Battery = Battery()
    trip_share: Share = 0.0
    """Drivers who plan a journey: a trip with several stops, all reserved or none; they neither walk up nor look around."""
    trip_stops: StopCount = Distribution(uniform=(2, 4))
    """Stops of a journey, rounded; 1 to 20. How long each takes is drawn from ``stay_s``."""
    trip_drive_s: DurationS = Distribution(triangular=(300, 900, 2_700))
    """From the end of one stop's window to the start of the next."""
    trip_any_of_share: Share = 0.3
    """Stops for which two or three points would do."""
    trip_near_share: Share = 0.1
    """Stops that name no point but a place: any point within ``fleet.look_radius_m`` of it."""
    trip_give_back_share: Share = 0.1
    """Journeys of which one stop is given back by itself; the whole trip is, by ``cancel_share``."""
