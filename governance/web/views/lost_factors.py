"""Where an administrator removes a second factor that somebody has lost."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts import factors, lost_factors
from governance.accounts.models import User
from governance.accounts.queries import is_administrator
from governance.web.errors import told
from governance.web.forms.lost_factors import RemovalForm


@login_required
@sensitive_post_parameters("password", "code")
def page(request: HttpRequest, username: str) -> HttpResponse:
    """Shows which factors somebody has, to administrators only, and removes one."""
    if not is_administrator(request.user):
        raise Http404
    owner = get_object_or_404(User, username=username)
    owned = Authenticator.objects.filter(user=owner).order_by("pk")
    form = RemovalForm(
        request.POST or None, owned=owned, factors=factors.of(request.user), prefix="lost"
    )
    if request.method == "POST" and form.is_valid():
        with told(form):
            lost_factors.remove(actor=request.user, **form.cleaned_data)
            messages.success(request, f"Removed. {owner} can set up another one.")
            return redirect("web:lost_factors", username)
    context = {"owner": owner, "owned": owned, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "people/factors.html", context, status=status)
